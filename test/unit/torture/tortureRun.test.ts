/**
 * Whole runs on stand-ins for mirrors and hosts, with the real writer: what is wrong
 * shows in the report, each at its place; what is right is clean.
 */
import { existsSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { nbdNoSync } from "../../../torture/controls/caches.ts";
import { parseOptions } from "../../../torture/options.ts";
import { outcome } from "../../../torture/report/judge.ts";
import { isCaught } from "../../../torture/report/killTables.ts";
import type { Run } from "../../../torture/report/report.ts";
import { tortureRun } from "../../../torture/tortureRun.ts";
import { directDirectory } from "./directDirectory.ts";
import type { Wrong } from "./pair.ts";
import { standIn } from "./standIn.ts";

const inDirectory = directDirectory();

const quick = { failover: 5, calm: 20, steady: 1, rejoin: 10, verify: 10, client: 10, betweenKills: 0.2 };

async function runWith(wrong: Wrong, args: readonly string[], control?: typeof nbdNoSync): Promise<Run> {
  const options = parseOptions(
    ["--seed", "3", "--blocks", "64", "--out", inDirectory("report.json"), ...args],
    new Date(),
    () => "lab",
  );
  return tortureRun(
    standIn(inDirectory(), wrong),
    { ...options, mode: "manual" },
    control,
    { writer: "", reader: "" },
    () => undefined,
    {},
    quick,
  );
}

const failed = (run: Run): readonly string[] =>
  run.kills.flatMap((kill) => kill.audits.filter(({ passed }) => passed !== true).map(({ name }) => name));

describe("a run on stand-ins", { timeout: 60_000 }, () => {
  it("is clean when nothing is wrong: stall, read-back by two ways, rejoin, verify and audits are there", async () => {
    const run = await runWith({}, ["--kills", "2", "--kinds", "destroy,switch"]);
    expect(run.kills.map((kill) => [kill.number, outcome(kill), kill.readBack?.blocks, kill.outOfSync])).toEqual(
      [1, 2].map((number) => [number, "clean", 384, 0]),
    );
    expect(failed(run)).toEqual([]);
    expect(run.kills.map(({ phases }) => phases[0]?.name)).toEqual(["before the command", "before the command"]);
    const others = run.kills.map(
      (kill) => kill.audits.find(({ name }) => name === "the client's other disks answer")?.detail,
    );
    expect(others).toEqual([
      expect.stringMatching(/^r1 by nbd, idle: 2 reads, the longest [\d.]+ s$/),
      expect.stringMatching(/^r1 by nbd, being read: \d+ reads, the longest [\d.]+ s$/),
    ]);
    expect(readdirSync(inDirectory()).filter((name) => name.endsWith(".oracle"))).toHaveLength(1);
    expect(existsSync(inDirectory("disk"))).toBe(true);
  });

  it("turns a whole host off and on again, by the operator's confirmation, and both mirrors at once", async () => {
    const run = await runWith({}, ["--kills", "3", "--kinds", "destroy-both,kill-host,switch", "--seed", "5"]);
    expect(run.kills.map((kill) => [kill.kind, kill.recovery, outcome(kill)])).toEqual([
      ["destroy-both", "return", "clean"],
      ["switch", "switch", "clean"],
      ["kill-host", "failover", "clean"],
    ]);
  });

  it("ends with the first loss", async () => {
    const run = await runWith({ losesAtFailover: true }, ["--kills", "3", "--kinds", "destroy"]);
    expect(run.kills.map(outcome)).toEqual(["lost"]);
    expect(run.kills[0]?.violations.map(({ kind }) => kind)).toContain("lost");
  });

  it.each<[string, Wrong, string]>([
    ["two primaries", { twoPrimaries: true }, "never two primaries"],
    ["a promotion without fencing", { notFenced: true }, "fenced before promoted"],
    ["an I/O error in the guest", { guestLog: "blk_update_request: I/O error, dev vdb" }, "no I/O error in the guest"],
    ["a failover that is refused", { refuses: true }, "service comes back"],
  ])("sees %s", async (_, wrong, audit) => {
    const run = await runWith(wrong, ["--kills", "1", "--kinds", "destroy"]);
    expect(failed(run)).toContain(audit);
    expect(run.kills.map(outcome)).not.toContain("clean");
  });

  it("keeps a kill on record that ends the run", async () => {
    const run = await runWith({ clientEnds: true }, ["--kills", "2", "--kinds", "destroy"]);
    expect(run.kills.map((kill) => [kill.number, outcome(kill)])).toEqual([[1, "broken"]]);
    expect(run.kills[0]?.audits[0]).toMatchObject({
      name: "service comes back",
      passed: false,
      detail: expect.stringContaining("the writer ended"),
    });
  });

  it("sees copies that differ", async () => {
    const run = await runWith({ differs: 8 }, ["--kills", "1", "--kinds", "switch"]);
    expect(run.kills.map((kill) => [kill.outOfSync, outcome(kill)])).toEqual([[8, "lost"]]);
  });

  it("sees a disk that lacks acknowledged writes though both count as UpToDate and equal: says whose", async () => {
    const run = await runWith({ staleDisk: "mirror-b" }, ["--kills", "1", "--kinds", "switch"]);
    expect(run.kills.map((kill) => [kill.outOfSync, outcome(kill)])).toEqual([[0, "lost"]]);
    expect(failed(run)).toEqual(["both disks hold what was acknowledged"]);
    expect(new Set(run.kills[0]?.violations.map(({ kind, detail }) => [kind, detail.slice(0, 17)].join()))).toEqual(
      new Set(["lost,disk of mirror-b:"]),
    );
  });

  it(
    "is not deceived by the page cache of the servers: an export that " +
      "reads back right from there is read from the disk",
    async () => {
      const seen = async (cached: boolean) =>
        (await runWith({ losesAtFailover: true, cached }, ["--kills", "1", "--kinds", "destroy"])).kills[0]
          ?.violations ?? [];
      const [byBothWays, fromCache] = [await seen(false), await seen(true)];
      const timesSeen = (violations: typeof byBothWays): number =>
        violations.filter(({ lba, detail }) => lba === violations[0]?.lba && !detail.startsWith("disk of")).length;
      expect([timesSeen(byBothWays), timesSeen(fromCache)]).toEqual([2, 2]);
    },
  );

  it("of a negative control is caught when something is lost, and not when nothing is", async () => {
    const control = { ...nbdNoSync, weaken: async () => undefined, restore: async () => undefined };
    expect(isCaught(await runWith({ losesAtFailover: true }, ["--kills", "2"], control))).toBe(true);
    expect(isCaught(await runWith({}, ["--kills", "1"], control))).toBe(false);
  });
});
