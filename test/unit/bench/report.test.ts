import { DOMParser } from "@xmldom/xmldom";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { renderChart } from "../../../bench/report/chart.ts";
import { figureOf } from "../../../bench/report/figures.ts";
import { renderMarkdown } from "../../../bench/report/markdown.ts";
import { parseReport } from "../../../bench/report/report.ts";
import { spreadOf } from "../../../bench/report/spread.ts";
import { conditions, digits } from "../../../bench/report/words.ts";
import { writeReport } from "../../../bench/report/writeReport.ts";
import { disks, layers } from "./sample.ts";

describe("the figures", () => {
  it("are median, quartiles and range", () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({ count: 4, median: 2.5, low: 1.75, high: 3.25, min: 1, max: 4 });
    expect(spreadOf([])).toBeUndefined();
  });

  it("are compared within a repetition alone", () => {
    const { ratio } = figureOf(disks, "write-1m", "nbd-virtio");
    expect(ratio).toMatchObject({ count: 2, min: 0.5, max: 0.6 });
    expect(ratio?.median).toBeCloseTo(0.55);
    expect(figureOf(disks, "write-1m", "direct-virtio").ratio).toBeUndefined();
  });

  it("have three digits, and no exponent", () => {
    expect([0, 0.0861234, 12.71, 339.4, 7127.3, 2_000_000].map(digits)).toEqual([
      "0",
      "0.0861",
      "12.7",
      "339",
      "7127",
      "2000000",
    ]);
  });
});

describe("the Markdown of disks", () => {
  it("has figures, ratios to Direct, the recipe's beside them, and what failed", () => {
    expect(renderMarkdown(disks, "b.svg")).toMatchInlineSnapshot(`
      "# Disks, as a client sees them

      - Stack lab-bench, 2026-11-27 10:00 UTC, seed 7: 3 of 3 repetitions, at most 5 s and 254 MiB a measurement.
      - Guests emulated; 2 × EPYC; QEMU 7.2.22.
      - 1 measurements failed; they are listed at the end.

      ![Ratios to Direct](b.svg)

      Median (least–most) of the repetitions; after \`recipe\` the figure of the recipe that this project began with.

      | load |  | NBD virtio | Direct virtio |
      | --- | --- | --- | --- |
      | 1 MiB writes | MB/s | 110 (100–120); recipe 135 | 200 (200–200) |
      | 4 KiB write + fsync | ms | 2.00 | 2.50 |

      Requests per second as a part of Direct on the same bus: the median (least–most) of the ratios within each repetition. More is better. The recipe's ratios are to its Direct by SATA, the only one that it has.

      | load | NBD virtio |
      | --- | --- |
      | 1 MiB writes | 0.55 (0.50–0.60); recipe 0.40 |
      | 4 KiB write + fsync | 1.25 |

      ## Failed measurements

      - Repetition 3, write-1m on direct-virtio: app-1: exit status 255

      "
    `);
  });

  it("says what slowed time and held disks mean for the figures", () => {
    expect(conditions({ ...disks, slow: 10 }).slice(-3, -1)).toMatchInlineSnapshot(`
      [
        "Slowed time: the guests' clock runs 10 times slower, and figures are by that clock.",
        "Disks and cables are not slowed: they are too fast by the same factor.",
      ]
    `);
    const diskSpeed = { bytesPerSecond: 339e6, requestsPerSecond: 40_000 };
    expect(conditions({ ...disks, slow: 10, diskSpeed, complete: false })).toMatchInlineSnapshot(`
      [
        "Stack lab-bench, 2026-11-27 10:00 UTC, seed 7: 3 of 3 repetitions (the run ended early), at most 5 s and 254 MiB a measurement.",
        "Guests emulated; 2 × EPYC; QEMU 7.2.22.",
        "Slowed time: the guests' clock runs 10 times slower, and figures are by that clock.",
        "Disks are held to 339 MB/s and 40000 requests/s by the guests' clock.",
        "1 measurements failed; they are listed at the end.",
      ]
    `);
  });
});

it("the Markdown of layers says what each layer adds, and what gets through", () => {
  expect(renderMarkdown(layers, undefined)).toMatchInlineSnapshot(`
    "# Where the time goes, layer by layer

    - Stack lab-bench, 2026-11-27 10:00 UTC, seed 7: 1 of 1 repetitions, at most 5 s and 254 MiB a measurement.
    - Guests emulated; 2 × EPYC; QEMU 7.2.22.

    Median of the repetitions; in brackets what the layer adds to the one above it, the median of the differences within each repetition, or, for what gets through, its part of the bare disk's.

    | layer | 4 KiB random writes, depth 1, µs a request | 1 MiB writes, MB/s |
    | --- | --- | --- |
    | bare disk in the mirror | 100 | 400 |
    | DRBD, connected | 400 (+300) | 300 (× 0.75) |
    | NBD, same mirror | 500 (+100) | – |

    "
  `);
});

describe("the picture", () => {
  it.each([
    ["disks", disks],
    ["layers", layers],
    ["nothing", { ...disks, samples: [] }],
  ])("of %s is well-formed XML that needs nothing from outside", (_, report) => {
    const problems: string[] = [];
    const svg = renderChart(report);
    new DOMParser({ onError: (level, message) => problems.push(`${level} ${message}`) }).parseFromString(svg, "text/xml");
    expect(problems).toEqual([]);
    expect(svg).not.toMatch(/href|url\(|@import|NaN|undefined/);
  });

  it("escapes names", () => {
    const spots = [{ name: "x", title: "<b>", base: "direct-virtio" }];
    expect(renderChart({ ...disks, spots })).toContain(">&lt;b&gt;</text>");
  });

  it("as a whole", () => {
    expect(renderChart({ ...disks, loads: ["write-1m"] })).toMatchInlineSnapshot(`
      "<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 140" role="img" font-family="system-ui, sans-serif">
      <title>Ratios by load</title>
      <rect width="960" height="140" style="fill:#fff"/>
      <text x="16" y="26" font-size="18" style="fill:#1b1f24">Requests per second, Direct = 1</text>
      <rect x="16" y="40" width="14" height="14" style="fill:#0072b2"/>
      <text x="36" y="52" font-size="14" style="fill:#1b1f24">NBD virtio</text>
      <path d="M163 40l6 7l-6 7l-6 -7z" style="fill:#fff;stroke:#1b1f24;stroke-width:1.5"/>
      <text x="176" y="52" font-size="14" style="fill:#1b1f24">the recipe&#39;s ratio</text>
      <path d="M220 62V112" style="stroke:#d0d7de"/><text x="220" y="130" font-size="13" text-anchor="middle" style="fill:#1b1f24">0.0</text>
      <path d="M328.3 62V112" style="stroke:#d0d7de"/><text x="328.3" y="130" font-size="13" text-anchor="middle" style="fill:#1b1f24">0.2</text>
      <path d="M436.7 62V112" style="stroke:#d0d7de"/><text x="436.7" y="130" font-size="13" text-anchor="middle" style="fill:#1b1f24">0.4</text>
      <path d="M545 62V112" style="stroke:#d0d7de"/><text x="545" y="130" font-size="13" text-anchor="middle" style="fill:#1b1f24">0.6</text>
      <path d="M653.3 62V112" style="stroke:#d0d7de"/><text x="653.3" y="130" font-size="13" text-anchor="middle" style="fill:#1b1f24">0.8</text>
      <path d="M761.7 62V112" style="stroke:#1b1f24;stroke-width:1.5"/><text x="761.7" y="130" font-size="13" text-anchor="middle" style="fill:#1b1f24">1.0</text>
      <path d="M870 62V112" style="stroke:#d0d7de"/><text x="870" y="130" font-size="13" text-anchor="middle" style="fill:#1b1f24">1.2</text>
      <text x="16" y="84" font-size="15" style="fill:#1b1f24">1 MiB writes</text>
      <rect x="220" y="71" width="297.9" height="16" style="fill:#0072b2"><title>NBD virtio, 1 MiB writes: 0.55 (0.50 to 0.60)</title></rect>
      <path d="M490.8 79H545" style="stroke:#1b1f24;stroke-width:1.5"/>
      <path d="M435.7 72l6 7l-6 7l-6 -7z" style="fill:#fff;stroke:#1b1f24;stroke-width:1.5"><title>NBD virtio, 1 MiB writes: recipe 0.40</title></path>
      <text x="551" y="83" font-size="13" style="fill:#1b1f24">0.55</text>
      </svg>
      "
    `);
  });
});

describe("the report", () => {
  const directory = mkdtempSync(join(tmpdir(), "bench-report-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it("is read back as it was written, with its table and picture beside it", () => {
    const files = writeReport(disks, join(directory, "deep/b.json"));
    expect(files.map((file) => file.slice(directory.length))).toEqual(["/deep/b.json", "/deep/b.md", "/deep/b.svg"]);
    expect(files.every((file) => existsSync(file))).toBe(true);
    expect(parseReport(readFileSync(files[0] as string, "utf8"), "b.json")).toEqual(disks);
  });

  it.each([
    ["no JSON", "{", "b.json is no JSON"],
    ["another document", '{"version":1}', "b.json is no report of bench"],
    ["a key that it does not know", JSON.stringify({ ...disks, colour: "red" }), "colour"],
  ])("is refused when it is %s", (_, text, words) => {
    expect(() => parseReport(text, "b.json")).toThrow(words);
  });
});
