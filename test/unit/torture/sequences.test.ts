/**
 * Whole runs of sequences on stand-ins for mirrors and hosts, with the real writer: two
 * faults in a row, and an operator who does the wrong thing in between.
 */
import { describe, expect, it } from "vitest";
import { oldHandler } from "../../../torture/controls/handler.ts";
import type { Fault } from "../../../torture/faults/fault.ts";
import { cable, cutReplication } from "../../../torture/faults/networks.ts";
import { parseOptions } from "../../../torture/options.ts";
import { outcome } from "../../../torture/report/judge.ts";
import { isCaught } from "../../../torture/report/killTables.ts";
import type { Kill, Run } from "../../../torture/report/report.ts";
import { faultThenDestroyOf } from "../../../torture/sequences/faultThenDestroy.ts";
import type { Situation } from "../../../torture/situation.ts";
import type { System } from "../../../harness/system.ts";
import { tortureRun } from "../../../torture/tortureRun.ts";
import { directDirectory } from "./directDirectory.ts";
import type { Wrong } from "./pair.ts";
import { standIn } from "./standIn.ts";

const inDirectory = directDirectory();

const quick = {
  failover: 20,
  calm: 20,
  steady: 0.3,
  rejoin: 10,
  verify: 10,
  client: 10,
  betweenKills: 0.05,
  pace: 0.02,
};

async function runOf(wrong: Wrong, kinds: string, count = 1): Promise<Run> {
  const options = parseOptions(
    [
      "--sequences",
      String(count),
      "--kinds",
      kinds,
      "--seed",
      "3",
      "--blocks",
      "64",
      "--out",
      inDirectory("report.json"),
    ],
    new Date(),
    () => "lab",
  );
  return tortureRun(
    standIn(inDirectory(), wrong),
    { ...options, mode: "manual" },
    undefined,
    { writer: "", reader: "" },
    () => undefined,
    {},
    quick,
  );
}

const failed = ({ audits }: Kill): readonly string[] =>
  audits.filter(({ passed }) => passed !== true).map(({ name }) => name);
const stepsOf = ({ sequence }: Kill): readonly string[] => sequence?.steps.map(({ name }) => name) ?? [];

describe("a sequence on stand-ins", { timeout: 60_000 }, () => {
  it.each<[string, string, string]>([
    ["cut-then-destroy", "cut-replication+destroy", "return"],
    ["cut-all-heal-some-failover", "cut-all+heal-some", "switch"],
    ["cut-all-then-kill-primary-then-failover", "cut-all+destroy", "return"],
    ["freeze-then-switch", "freeze+wrong-switch", "failover"],
    ["full-disk-then-destroy", "full-disk+destroy", "failover"],
    ["managed-save-then-failover", "managed-save+start", "failover"],
    ["diskless-then-cut", "diskless+cut-replication", "switch"],
    ["diskless-then-destroy", "diskless+destroy", "failover"],
    ["disk-hangs-then-destroy", "standby-disk-hangs+destroy", "return"],
    ["primary-disk-hangs-then-destroy", "primary-disk-hangs+destroy", "failover"],
    ["resync-cut-kill", "destroy-standby+cut-during-resync+destroy", "return"],
    ["destroy-standby-then-destroy-primary-then-standby-first", "destroy-standby+destroy", "return"],
  ])("is clean when nothing is wrong: %s", async (kind, faults, recovery) => {
    const run = await runOf({}, kind);
    expect(run.kills.flatMap(failed)).toEqual([]);
    expect(
      run.kills.map((kill) => [kill.kind, kill.recovery, outcome(kill), kill.readBack?.blocks, kill.sequence?.kind]),
    ).toEqual([[faults, recovery, "clean", 384, kind]]);
  });

  it("is on record step by step, with what the operator was told", async () => {
    const [kill] = (await runOf({}, "cut-then-destroy")).kills as [Kill];
    expect(stepsOf(kill)).toEqual([
      "replication cable cut",
      "primary goes on alone",
      "time passes",
      "primary destroyed",
      "kvm-mirror failover",
      "replication cable healed",
      "service returns",
    ]);
    expect(kill.sequence?.steps[4]?.seen).toContain("mirror-a went on alone since 12:00:00, and mirror-b is stale");
    expect(kill.audits.find(({ name }) => name === "kvm-mirror failover is refused")?.passed).toBe(true);
  });

  it("is followed by others: the client is brought beside the primary where that is needed", async () => {
    const run = await runOf({}, "cut-all-heal-some-failover", 2);
    // Each ends with a switch to the mirror that is not beside the client, and the next one begins where the client is.
    expect(run.kills.map((kill) => [outcome(kill), kill.target])).toEqual([
      ["clean", "mirror-a"],
      ["clean", "mirror-a"],
    ]);
  });

  it("is broken, and lost, when the operator's wrong command is accepted", async () => {
    for (const kind of ["cut-then-destroy", "cut-all-heal-some-failover", "cut-all-then-kill-primary-then-failover"]) {
      const [kill] = (await runOf({ takesStale: true }, kind)).kills as [Kill];
      expect([kind, outcome(kill), failed(kill)]).toEqual([
        kind,
        "lost",
        expect.arrayContaining(["kvm-mirror failover is refused"]),
      ]);
      expect(kill.violations.map(({ kind: found }) => found)).toContain("lost");
      expect(stepsOf(kill).at(-1)).toBe("kvm-mirror failover");
    }
  });

  it("is lost when the second fault loses what the first one left on one disk", async () => {
    const [kill] = (await runOf({ losesAtReturn: true }, "cut-then-destroy")).kills as [Kill];
    expect([outcome(kill), failed(kill)]).toEqual(["lost", ["both disks hold what was acknowledged"]]);
  });

  it("begins with wrong commands after single faults, which are refused and change nothing", async () => {
    const run = await runOf({}, "wrong-commands", 4);
    expect(run.kills.map((kill) => [outcome(kill), failed(kill)])).toEqual(
      Array.from({ length: 4 }, () => ["clean", []]),
    );
    expect(new Set(run.kills.map(({ kind }) => kind)).size).toBeGreaterThan(1);
  });

  it("of a negative control is caught: an operator who believes a standby that was never told", async () => {
    const options = parseOptions(
      ["--control", "old-handler", "--blocks", "64", "--out", inDirectory("report.json")],
      new Date(),
      () => "lab",
    );
    const caught = async (wrong: Wrong): Promise<boolean> =>
      isCaught(
        await tortureRun(
          standIn(inDirectory(), wrong),
          { ...options, kills: 1, mode: "manual" },
          oldHandler,
          { writer: "", reader: "" },
          () => undefined,
          {},
          quick,
        ),
      );
    expect([await caught({ takesPhrase: true }), await caught({})]).toEqual([true, false]);
  });

  it("takes either answer after a fault that has passed, and the disks tell whether it was right", async () => {
    const passed: Fault = { ...cutReplication, kind: "passed", strike: async () => undefined };
    const lasting: Fault = {
      ...cutReplication,
      kind: "lasting",
      strike: (system, { standbyHost }) => cable(system, standbyHost, "cable-repl", "down"),
      mend: async () => undefined,
    };
    const runAfter = async (fault: Fault, wrong: Wrong) => {
      const options = parseOptions(["--blocks", "64", "--out", inDirectory("report.json")], new Date(), () => "lab");
      const control = {
        ...oldHandler,
        weaken: async () => undefined,
        restore: async (system: System, { standbyHost }: Situation) => cable(system, standbyHost, "cable-repl", "up"),
        sequence: faultThenDestroyOf([fault]),
      };
      return (
        await tortureRun(
          standIn(inDirectory(), wrong),
          { ...options, kills: 1, mode: "manual" },
          control,
          { writer: "", reader: "" },
          () => undefined,
          {},
          { ...quick, rejoin: 2 },
        )
      ).kills[0] as Kill;
    };
    expect(outcome(await runAfter(passed, {}))).toBe("clean");
    const refused = await runAfter(lasting, {});
    expect([
      refused.recovery,
      refused.violations,
      refused.audits.find(({ name }) => name.startsWith("kvm-mirror failover"))?.passed,
    ]).toEqual(["return", [], true]);
    expect((await runAfter(lasting, { takesStale: true })).violations.map(({ kind }) => kind)).toContain("lost");
  });

  it.each<[string, Wrong, string, string]>([
    ["a right command that is refused", { refuses: true }, "freeze-then-switch", "service comes back"],
    [
      "a command that breaks down instead of refusing",
      { breaksDown: true },
      "cut-then-destroy",
      "kvm-mirror failover is refused",
    ],
    [
      "a refusal that has changed something before",
      { refusesTooLate: true },
      "freeze-then-switch",
      "kvm-mirror switch is refused",
    ],
    [
      "a saved machine that goes on where it was",
      { wakes: true },
      "managed-save-then-failover",
      "a saved machine boots anew",
    ],
    ["two primaries", { twoPrimaries: true }, "cut-then-destroy", "never two primaries"],
  ])("sees %s", async (_, wrong, kind, audit) => {
    const run = await runOf(wrong, kind);
    expect(run.kills.flatMap(failed)).toContain(audit);
    expect(run.kills.map(outcome)).not.toContain("clean");
  });
});
