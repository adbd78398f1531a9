import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { figureOf } from "../../../bench/report/figures.ts";
import { renderMarkdown } from "../../../bench/report/markdown.ts";
import { parseReport } from "../../../bench/report/report.ts";
import { spreadOf } from "../../../bench/report/spread.ts";
import { conditions, digits } from "../../../bench/report/words.ts";
import { writeReport } from "../../../bench/report/writeReport.ts";
import { alternatives, disks, layers } from "./sample.ts";

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
      - Measurements that failed: 1; they are listed at the end.

      ![Ratios by load](b.svg)

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
        "Measurements that failed: 1; they are listed at the end.",
      ]
    `);
  });
});

it("the Markdown of layers says what each layer adds, and what gets through", () => {
  expect(renderMarkdown(layers, undefined)).toMatchInlineSnapshot(`
    "# Where the time goes, layer by layer

    - Stack lab-bench, 2026-11-27 10:00 UTC, seed 7: 1 of 1 repetitions, at most 5 s and 254 MiB a measurement.
    - Guests emulated; 2 × EPYC; QEMU 7.2.22.

    Median of the repetitions. In brackets, of a request's time: what the layer adds to the one that its name says, the median of the differences within each repetition; of what gets through: the part of the bare disk's.

    | layer | 4 KiB random writes, depth 1, µs a request | 1 MiB writes, MB/s |
    | --- | --- | --- |
    | bare disk in the mirror | 100 | 400 |
    | DRBD, connected (over: bare disk in the mirror) | 400 (+300) | 300 (× 0.75) |
    | NBD, same mirror (over: DRBD, connected) | 500 (+100) | – |

    "
  `);
});

it("the Markdown of alternatives says what a cut did", () => {
  expect(renderMarkdown(alternatives, undefined)).toMatchInlineSnapshot(`
    "# Ways to have a volume on two mirrors, side by side

    - Stack lab-bench, 2026-11-27 10:00 UTC, seed 7: 1 of 1 repetitions, at most 5 s and 254 MiB a measurement.
    - Guests emulated; 2 × EPYC; QEMU 7.2.22.

    Median of the repetitions. In brackets: requests per second, as a part of the bare disk's.

    | alternative | 4 KiB write + fsync, µs a request | 1 MiB writes, MB/s |
    | --- | --- | --- |
    | a disk alone | 2000 | 400 |
    | DRBD on the disk | 10000 (× 0.20) | 40.0 (× 0.10) |
    | Gluster on ZFS | – | – |

    ## The replication network is cut

    A writer on the primary goes on meanwhile. Then its blocks are read from the other mirror's copy alone, and compared with what it was told is on the disk.

    | alternative | cut | longest time without an acknowledged flush | whole again after | acknowledged | errors | lost |
    | --- | --- | --- | --- | --- | --- | --- |
    | DRBD on the disk | 20.0 s | 8.50 s | 5.20 s | 3421 | 0 | 0 of 1536 blocks |
    | Gluster on ZFS | 20.0 s | 8.50 s | not by itself (both copies of gluster: not after 300 s) | 3421 | 0 | 2 of 1536 blocks |

    "
  `);
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

  it("has no ratios and no picture where there is no Direct", () => {
    const bare = { ...disks, spots: disks.spots.map((spot) => ({ ...spot, base: null })) };
    const files = writeReport(bare, join(directory, "bare.json"));
    expect(files.map((file) => file.slice(directory.length))).toEqual(["/bare.json", "/bare.md"]);
    expect(readFileSync(files[1] as string, "utf8")).not.toMatch(/Requests per second|\.svg/);
  });

  it.each([
    ["no JSON", "{", "b.json is no JSON"],
    ["another document", '{"version":1}', "b.json is no report of bench"],
    ["a key that it does not know", JSON.stringify({ ...disks, colour: "red" }), "colour"],
  ])("is refused when it is %s", (_, text, words) => {
    expect(() => parseReport(text, "b.json")).toThrow(words);
  });
});
