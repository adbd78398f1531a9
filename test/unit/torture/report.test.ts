import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { outcome, sequencesVerdict, verdict } from "../../../torture/report/judge.ts";
import { merge } from "../../../torture/report/merge.ts";
import { mergeReports } from "../../../torture/report/mergeReports.ts";
import { parseReport } from "../../../torture/report/parseReport.ts";
import { writeReport } from "../../../torture/report/writeReport.ts";
import { kill, lost, report, run, sequence } from "./sample.ts";

describe("the outcome of a kill", () => {
  it.each([
    ["clean", {}],
    ["clean", { recovery: "none", stall: 0.2 }],
    ["lost", { violations: [lost] }],
    ["lost", { outOfSync: 8 }],
    ["lost", { violations: [lost], audits: [], stall: null }],
    ["broken", { stall: null }],
    ["broken", { audits: [{ name: "never two primaries", passed: false, detail: "both at 06:00:01" }] }],
    ["broken", { stall: null, readBack: null }],
    ["open", { readBack: null }],
    ["open", { readBack: { blocks: 0, acknowledged: 0 } }],
    ["open", { rejoined: null }],
    ["open", { outOfSync: null }],
    ["open", { recovery: "failover", stall: 0.2, phases: [{ name: "detection", seconds: 11 }] }],
    ["clean", { recovery: "failover", stall: 11.5, phases: [{ name: "detection", seconds: 11 }] }],
    ["open", { audits: [] }],
    ["open", { audits: [{ name: "never two primaries", passed: null, detail: "no samples" }] }],
  ] as const)("is %s: %j", (expected, change) => {
    expect(outcome(kill(change))).toBe(expected);
  });
});

describe("the verdict", () => {
  it("of clean kills is passed, with the bound 3/N", () => {
    expect(
      verdict(report(run({ kills: Array.from({ length: 60 }, (_, index) => kill({ number: index + 1 })) }))),
    ).toEqual({ kills: 60, clean: 60, lost: 0, broken: 0, open: 0, bound: 0.05, passed: true });
  });

  it("proves nothing after one loss", () => {
    expect(verdict(report(run({ kills: [kill(), kill({ violations: [lost] })] })))).toMatchObject({
      clean: 1,
      lost: 1,
      bound: null,
      passed: false,
    });
  });

  it("counts clean kills only, and is not passed with an unchecked one", () => {
    expect(
      verdict(report(run({ kills: [...Array.from({ length: 10 }, () => kill()), kill({ readBack: null })] }))),
    ).toMatchObject({ clean: 10, open: 1, bound: 0.3, passed: false });
  });

  it("does not count negative controls, and is not passed without a kill", () => {
    expect(verdict(report(run({ control: "protocol-a", kills: [kill({ violations: [lost] })] })))).toEqual({
      kills: 0,
      clean: 0,
      lost: 0,
      broken: 0,
      open: 0,
      bound: null,
      passed: false,
    });
    expect(verdict(report(run({ kills: [] })))).toMatchObject({ passed: false, bound: null });
  });

  it("counts sequences by themselves", () => {
    const mixed = report(
      run({ kills: [kill(), sequence(), sequence({ violations: [lost] })] }),
      run({ id: "weak", control: "old-handler", kills: [sequence({ violations: [lost] })] }),
    );
    expect(verdict(mixed)).toMatchObject({ kills: 1, clean: 1, passed: true });
    expect(sequencesVerdict(mixed)).toEqual({
      kills: 2,
      clean: 1,
      lost: 1,
      broken: 0,
      open: 0,
      bound: null,
      passed: false,
    });
  });

  it("never claims more than certainty", () => {
    expect(verdict(report(run())).bound).toBe(1);
  });
});

describe("merging", () => {
  it("puts runs in the order of their beginning", () => {
    const merged = mergeReports([
      report(run({ id: "late", started: "2026-11-21T09:00:00Z" })),
      report(run({ id: "early" })),
    ]);
    expect(merged.runs.map(({ id }) => id)).toEqual(["early", "late"]);
  });

  it("refuses a run that would count twice", () => {
    expect(() => mergeReports([report(run()), report(run())])).toThrow(
      "run lab-7-nbd is in more than one of the reports: its kills would count twice",
    );
  });
});

describe("a report's file", () => {
  it("is read as it was written", () => {
    const value = report(
      run({
        kills: [kill({ violations: [lost], stall: null, rejoined: null, outOfSync: null, readBack: null }), sequence()],
      }),
    );
    expect(parseReport(JSON.stringify(value), "a.json")).toEqual(value);
  });

  it("is refused when it is cut short, empty, of another version, or a field is missing or unknown", () => {
    const whole = JSON.stringify(report(run()));
    expect(() => parseReport(whole.slice(0, -20), "a.json")).toThrow(/^a\.json is no JSON/);
    expect(() => parseReport('{"version":1,"runs":[]}', "a.json")).toThrow(/a\.json is no torture report/);
    expect(() => parseReport(whole.replace('"version":1', '"version":2'), "a.json")).toThrow(/version/);
    expect(() => parseReport(whole.replace('"violations":[],', ""), "a.json")).toThrow(/violations/);
    expect(() => parseReport(whole.replace('"outOfSync":0', '"outOfSync":-1'), "a.json")).toThrow(/outOfSync/);
    expect(() => parseReport(whole.replace('"seed":7', '"seeds":7'), "a.json")).toThrow(/seed/);
  });
});

describe("npm run torture -- merge", () => {
  const inDirectory = (body: (directory: string) => void): void => {
    const directory = mkdtempSync(join(tmpdir(), "torture-report-"));
    try {
      body(directory);
    } finally {
      rmSync(directory, { recursive: true });
    }
  };

  it("writes the merged report and its page, and says what it proves", () => {
    inDirectory((directory) => {
      const [a, b, out] = ["a", "b", "merged"].map((name) => join(directory, `${name}.json`)) as [
        string,
        string,
        string,
      ];
      writeReport(report(run()), a);
      writeReport(
        report(run({ id: "two" }), run({ id: "weak", control: "protocol-a", kills: [kill({ violations: [lost] })] })),
        b,
      );
      const said: string[] = [];
      expect(merge([a, b, "--out", out], (line) => said.push(line))).toBe(0);
      expect(said).toEqual([
        "No acknowledged write lost over 2 kills.",
        "0 losses in 2 checked kills: with 95 % confidence the chance of a loss is below 100 % per kill (3/N).",
        `${out}, ${join(directory, "merged.html")}`,
      ]);
      expect(parseReport(readFileSync(out, "utf8"), out).runs).toHaveLength(3);
    });
  });

  it("counts two-fault sequences apart, and fails on one that is not clean", () => {
    inDirectory((directory) => {
      const [a, b, out] = ["a", "b", "merged"].map((name) => join(directory, `${name}.json`)) as [
        string,
        string,
        string,
      ];
      writeReport(report(run()), a);
      writeReport(report(run({ id: "two", kills: [sequence(), sequence({ number: 2, stall: null })] })), b);
      const said: string[] = [];
      expect(merge([a, b, "--out", out], (line) => said.push(line))).toBe(2);
      expect(said.slice(0, 4)).toEqual([
        "No acknowledged write lost over 1 kill.",
        "0 losses in 1 checked kills: with 95 % confidence the chance of a loss is below 100 % per kill (3/N).",
        "Two-fault sequences: 1 clean of 2 (0 with losses, 1 with a broken rule " +
          "or no return of service, 0 not fully checked).",
        "0 losses in 1 checked sequences: with 95 % confidence the chance of a loss is below 100 % per sequence (3/N).",
      ]);
      writeReport(report(run({ id: "two", kills: [sequence()] })), b);
      expect(merge([b, "--out", out], () => undefined)).toBe(0);
    });
  });

  it("fails on a loss and on a control that was not caught", () => {
    inDirectory((directory) => {
      const [a, b, out] = ["a", "b", "merged"].map((name) => join(directory, `${name}.json`)) as [
        string,
        string,
        string,
      ];
      writeReport(report(run({ kills: [kill({ violations: [lost] })] })), a);
      writeReport(report(run({ id: "blind", control: "nbd-no-sync" })), b);
      const said: string[] = [];
      expect(merge([a, "--out", out], () => undefined)).toBe(2);
      expect(merge([b, "--out", out], (line) => said.push(line))).toBe(2);
      expect(said).toContain("negative control nbd-no-sync (run blind) was NOT caught");
      writeFileSync(b, "{");
      expect(() => merge([b, "--out", out], () => undefined)).toThrow("is no JSON");
      expect(() => merge([], () => undefined)).toThrow("say which reports");
      expect(() => merge([a, "--out", join(directory, "merged")], () => undefined)).toThrow("must end with .json");
    });
  });
});
