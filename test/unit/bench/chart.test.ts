import { DOMParser } from "@xmldom/xmldom";
import { describe, expect, it } from "vitest";
import { renderChart } from "../../../bench/report/chart.ts";
import { disks, layers } from "./sample.ts";

describe("the picture", () => {
  it.each([
    ["disks", disks],
    ["layers", layers],
    ["nothing", { ...disks, samples: [] }],
  ])("of %s is well-formed XML that needs nothing from outside", (_, report) => {
    const problems: string[] = [];
    const svg = renderChart(report);
    new DOMParser({ onError: (level, message) => problems.push(`${level} ${message}`) }).parseFromString(
      svg,
      "text/xml",
    );
    expect(problems).toEqual([]);
    expect(svg).not.toMatch(/href|url\(|@import|NaN|undefined/);
  });

  it("escapes names", () => {
    const spots = [{ name: "x", title: "<b>", base: "direct-virtio", above: null }];
    expect(renderChart({ ...disks, spots })).toContain(">&lt;b&gt;</text>");
  });

  it("as a whole", () => {
    expect(renderChart({ ...disks, loads: ["write-1m"] })).toMatchInlineSnapshot(`
      "<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 140" role="img" font-family="system-ui, sans-serif">
      <title>Ratios by load</title>
      <rect width="1000" height="140" style="fill:#fff"/>
      <text x="16" y="26" font-size="18" style="fill:#1b1f24">Requests per second, Direct = 1</text>
      <rect x="16" y="40" width="14" height="14" style="fill:#0072b2"/>
      <text x="36" y="52" font-size="14" style="fill:#1b1f24">NBD virtio</text>
      <path d="M213 40l6 7l-6 7l-6 -7z" style="fill:#fff;stroke:#1b1f24;stroke-width:1.5"/>
      <text x="226" y="52" font-size="14" style="fill:#1b1f24">the recipe&#39;s ratio</text>
      <path d="M270 62V112" style="stroke:#d0d7de"/><text x="270" y="130" font-size="13" text-anchor="middle" style="fill:#1b1f24">0.0</text>
      <path d="M378.3 62V112" style="stroke:#d0d7de"/><text x="378.3" y="130" font-size="13" text-anchor="middle" style="fill:#1b1f24">0.2</text>
      <path d="M486.7 62V112" style="stroke:#d0d7de"/><text x="486.7" y="130" font-size="13" text-anchor="middle" style="fill:#1b1f24">0.4</text>
      <path d="M595 62V112" style="stroke:#d0d7de"/><text x="595" y="130" font-size="13" text-anchor="middle" style="fill:#1b1f24">0.6</text>
      <path d="M703.3 62V112" style="stroke:#d0d7de"/><text x="703.3" y="130" font-size="13" text-anchor="middle" style="fill:#1b1f24">0.8</text>
      <path d="M811.7 62V112" style="stroke:#1b1f24;stroke-width:1.5"/><text x="811.7" y="130" font-size="13" text-anchor="middle" style="fill:#1b1f24">1.0</text>
      <path d="M920 62V112" style="stroke:#d0d7de"/><text x="920" y="130" font-size="13" text-anchor="middle" style="fill:#1b1f24">1.2</text>
      <text x="16" y="84" font-size="15" style="fill:#1b1f24">1 MiB writes</text>
      <rect x="270" y="71" width="297.9" height="16" style="fill:#0072b2"><title>NBD virtio, 1 MiB writes: 0.55 (0.50 to 0.60)</title></rect>
      <path d="M540.8 79H595" style="stroke:#1b1f24;stroke-width:1.5"/>
      <path d="M485.7 72l6 7l-6 7l-6 -7z" style="fill:#fff;stroke:#1b1f24;stroke-width:1.5"><title>NBD virtio, 1 MiB writes: recipe 0.40</title></path>
      <text x="940" y="83" font-size="13" style="fill:#1b1f24">0.55</text>
      </svg>
      "
    `);
  });
});
