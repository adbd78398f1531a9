import { describe, expect, it } from "vitest";
import { type Evidence, judge, lastShutdown } from "../../../torture/audits/audits.ts";
import { slowedTimeOf } from "../../../harness/slowedTime.ts";
import { primaryTimes, twoPrimaries } from "../../../torture/audits/roles.ts";
import type { Situation } from "../../../torture/situation.ts";

const situation = { primary: "mirror-a", standby: "mirror-b" } as Situation;
const began = Date.parse("2026-11-21T06:00:00Z");
const clean: Evidence = {
  began,
  recovery: "failover",
  times: [
    { mirror: "mirror-a", from: began, to: began + 1000 },
    { mirror: "mirror-b", from: began + 4000, to: began + 9000 },
  ],
  samples: [10, 90],
  powerOff: undefined,
  fromHost: slowedTimeOf(undefined).fromHost,
  domainLog: "2026-11-21 06:00:01.500+0000: shutting down, reason=destroyed\n",
  clientLog: "",
  mirrorLogs: [{ mirror: "mirror-b", log: "drbd r0: conn( Connected -> BrokenPipe )" }],
  errors: 0,
  boots: ["x", "x"],
};
const verdictOf = (change: Partial<Evidence>): Record<string, boolean | null> =>
  Object.fromEntries(judge({ ...clean, ...change }, situation).map(({ name, passed }) => [name, passed]));

describe("the audits", () => {
  it("pass when all is well", () => {
    expect(verdictOf({})).toEqual({
      "never two primaries": true,
      "fenced before promoted": true,
      "no I/O error in the guest": true,
      "nothing forced, no split brain": true,
    });
    expect(verdictOf({ powerOff: began + 100, domainLog: "" })["fenced before promoted"]).toBe(true);
    expect(Object.keys(verdictOf({ recovery: "none" }))).not.toContain("fenced before promoted");
  });

  it.each<[string, Partial<Evidence>, string, boolean | null]>([
    [
      "promoted before the old one was off",
      { domainLog: "2026-11-21 06:00:06.000+0000: shutting down, reason=destroyed\n" },
      "fenced before promoted",
      false,
    ],
    [
      "turned off long before the kill, not for it",
      { domainLog: "2026-11-21 05:00:00.000+0000: shutting down, reason=destroyed\n" },
      "fenced before promoted",
      false,
    ],
    ["promoted before its host had lost its power", { powerOff: began + 6000 }, "fenced before promoted", false],
    ["never turned off", { domainLog: "" }, "fenced before promoted", null],
    ["promotion not seen", { times: [] }, "fenced before promoted", null],
    [
      "two primaries",
      {
        times: [
          { mirror: "mirror-a", from: began, to: began + 6000 },
          { mirror: "mirror-b", from: began + 4000, to: began + 9000 },
        ],
      },
      "never two primaries",
      false,
    ],
    ["a mirror that was not sampled", { samples: [0, 90] }, "never two primaries", null],
    ["an I/O error", { clientLog: "I/O error, dev vdb, sector 8" }, "no I/O error in the guest", false],
    ["a failed write", { errors: 1 }, "no I/O error in the guest", false],
    ["a client that was started anew", { boots: ["x", "y"] }, "no I/O error in the guest", false],
    [
      "a split brain",
      {
        mirrorLogs: [
          { mirror: "mirror-b", log: "block drbd0: Split-Brain detected but unresolved, dropping connection!" },
        ],
      },
      "nothing forced, no split brain",
      false,
    ],
    [
      "a forced promotion",
      { mirrorLogs: [{ mirror: "mirror-b", log: "block drbd0: Forced to consider local data as UpToDate!" }] },
      "nothing forced, no split brain",
      false,
    ],
    ["no mirror that answers", { mirrorLogs: [] }, "nothing forced, no split brain", null],
  ])("do not pass: %s", (_, change, audit, passed) => expect(verdictOf(change)[audit]).toBe(passed));
});

describe("stretches as Primary", () => {
  const samples = (...texts: readonly string[]) =>
    texts.map((text) => ({ at: Number.parseInt(text, 10), primary: text.endsWith("P") }));

  it("end with another role, and where samples are missing", () => {
    expect(primaryTimes("a", samples("0", "100P", "200P", "300", "400P", "9000P"))).toEqual([
      { mirror: "a", from: 100, to: 200 },
      { mirror: "a", from: 400, to: 400 },
      { mirror: "a", from: 9000, to: 9000 },
    ]);
  });

  it("overlap only when they do for longer than clocks may differ", () => {
    const [a, b] = [
      { mirror: "a", from: 0, to: 1000 },
      { mirror: "b", from: 800, to: 2000 },
    ];
    expect(twoPrimaries([a, b], 500)).toBeUndefined();
    expect(twoPrimaries([b, a], 100)).toEqual([a, b]);
    expect(twoPrimaries([a, { ...a, from: 500 }], 100)).toBeUndefined();
  });
});

describe("what machines say", () => {
  it("libvirt's log: the last time that a machine went off", () => {
    expect(
      lastShutdown(
        "2026-11-21 05:00:00.000+0000: shutting down, reason=crashed\n2026-11-21 " +
          "06:00:00.250+0000: shutting down, reason=destroyed\n",
      ),
    ).toBe(began + 250);
    expect(lastShutdown("starting up")).toBeUndefined();
  });
});
