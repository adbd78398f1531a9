import { DOMParser } from "@xmldom/xmldom";
import { describe, expect, it } from "vitest";
import { controlsTable, findings } from "../../../torture/report/killTables.ts";
import { renderPage, verdictLines } from "../../../torture/report/page.ts";
import { stallPicture } from "../../../torture/report/stallPicture.ts";
import { sequencesSection } from "../../../torture/report/sequenceTables.ts";
import { kill, lost, report, run, sequence } from "./sample.ts";

const whole = report(
  run({
    kills: [
      kill(),
      kill({ number: 2, stall: null, violations: [lost] }),
      kill({ number: 3, recovery: "switch", stall: 0.01 }),
    ],
  }),
  run({ id: "weak <b>", control: "protocol-a", kills: [kill({ violations: [lost] })] }),
);

describe("the page", () => {
  it("needs nothing from outside and runs nothing", () => {
    const page = renderPage(whole);
    expect(page).not.toMatch(/<script|<link|<img|src=|href=|url\(|@import/);
    expect(page).toContain("<svg ");
  });

  it("escapes what runs and violations are called", () => {
    const page = renderPage(whole);
    expect(page).toContain("weak &lt;b&gt;");
    expect(page).toContain("seq 3 &lt;acknowledged&gt;, found seq 2");
    expect(page).not.toContain("<acknowledged>");
  });

  it("begins with the verdict", () => {
    expect(verdictLines(whole)).toEqual([
      "3 kills: 2 clean, 1 with losses, 0 with a broken rule or no return of service, 0 not fully checked.",
    ]);
    expect(renderPage(whole)).toContain('<p class="verdict bad">3 kills');
    expect(renderPage(report(run()))).toContain('<p class="verdict good">No acknowledged write lost over 1 kill.</p>');
    expect(verdictLines(report(run({ control: "x" })))[0]).toBe("No kills that could prove anything.");
  });

  it("shows sequences by kind, and each of them step by step, apart from kills", () => {
    const section = sequencesSection(report(run({ kills: [sequence(), sequence({ number: 2, violations: [lost] })] })));
    expect(section).toContain(
      '<td>cut-then-destroy</td><td>cut-replication+destroy</td><td>manual</td><td>nbd</td><td class="bad">1 of 2</td>',
    );
    expect(section).toContain(
      "<td>31.0 s</td><td>kvm-mirror failover</td><td>6.2 s</td><td>failover: mirror-a went on &lt;alone&gt;</td>",
    );
    expect(sequencesSection(whole)).toBe("");
    const page = renderPage(report(run({ kills: [sequence()] })));
    expect(page).toContain('<p class="verdict good">Two-fault sequences: 1 clean of 1.</p>');
    expect(page).not.toContain("<h2>Kills</h2>");
    expect(stallPicture(report(run({ kills: [sequence()] })))).not.toContain("<circle");
  });

  it("names controls that were not caught; a broken audit alone is no catch", () => {
    expect(controlsTable(whole)).toContain('<td class="good">caught</td><td>lost</td>');
    const audit = { name: "never two primaries", passed: false, detail: "" };
    expect(controlsTable(report(run({ control: "x", kills: [kill({ audits: [audit] })] })))).toContain(
      '<td class="bad">NOT caught</td><td>never two primaries</td>',
    );
    expect(controlsTable(report(run()))).toBe("");
  });

  it("shows 50 violations of a kill and says how many more there are", () => {
    const many = findings(report(run({ kills: [kill({ violations: Array.from({ length: 60 }, () => lost) })] })));
    expect(many.match(/<li>/g)).toHaveLength(51);
    expect(many).toContain("10 more violations in the JSON report");
  });
});

describe("the picture of the stalls", () => {
  it("is well-formed, with a dot for every kill, a cross for one without end, and none of negative controls", () => {
    const svg = stallPicture(whole);
    const problems: string[] = [];
    new DOMParser({ onError: (_, message) => problems.push(message) }).parseFromString(svg, "text/xml");
    expect(problems).toEqual([]);
    expect(svg.match(/<circle/g)).toHaveLength(2);
    expect(svg.match(/✕/g)).toHaveLength(1);
  });

  it("as a whole", () => {
    expect(stallPicture(report(run({ kills: [kill(), kill({ number: 2, stall: 20 })] })))).toMatchInlineSnapshot(`
      "<svg viewBox="0 0 900 84" role="img" aria-label="stalls by kind of recovery, logarithmic scale">
      <line class="grid" x1="250.0" x2="250.0" y1="0" y2="64"/><text class="tick" x="250.0" y="80">0.1 s</text>
      <line class="grid" x1="331.1" x2="331.1" y1="0" y2="64"/><text class="tick" x="331.1" y="80">0.2 s</text>
      <line class="grid" x1="438.3" x2="438.3" y1="0" y2="64"/><text class="tick" x="438.3" y="80">0.5 s</text>
      <line class="grid" x1="519.4" x2="519.4" y1="0" y2="64"/><text class="tick" x="519.4" y="80">1 s</text>
      <line class="grid" x1="600.6" x2="600.6" y1="0" y2="64"/><text class="tick" x="600.6" y="80">2 s</text>
      <line class="grid" x1="707.8" x2="707.8" y1="0" y2="64"/><text class="tick" x="707.8" y="80">5 s</text>
      <line class="grid" x1="788.9" x2="788.9" y1="0" y2="64"/><text class="tick" x="788.9" y="80">10 s</text>
      <line class="grid" x1="870.0" x2="870.0" y1="0" y2="64"/><text class="tick" x="870.0" y="80">20 s</text>
      <text x="0" y="24">failover by hand, nbd, emulated</text>
      <line class="median" x1="782.9" x2="782.9" y1="8" y2="32"><title>median 9.50 s</title></line>
      <line class="worst" x1="870.0" x2="870.0" y1="8" y2="32"><title>worst 20.00 s</title></line>
      <circle class="clean" cx="782.9" cy="14" r="4"><title>run lab-7-nbd, kill 1: destroy of mirror-a, 9.50 s</title></circle>
      <circle class="clean" cx="870.0" cy="20" r="4"><title>run lab-7-nbd, kill 2: destroy of mirror-a, 20.00 s</title></circle>
      </svg>"
    `);
  });
});
