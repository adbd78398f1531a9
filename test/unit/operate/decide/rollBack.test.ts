import { describe, expect, it } from "vitest";
import { decideFailover } from "../../../../src/operate/decide/decideFailover.ts";
import { decideRollBack } from "../../../../src/operate/decide/decideRollBack.ts";
import type { Seen } from "../../../../src/operate/observe/observe.ts";
import type { MirrorState } from "../../../../src/operate/observe/states.ts";
import type { Volume } from "../volumeState.ts";
import { gone, inventory, lost, off, primary, seen, startA, state, views, volume } from "./twoGroups.ts";

const made = 1_764_162_131; // 2025-11-26 13:02:11 UTC
const mixture: Partial<Volume> = { ...lost, disk: "Inconsistent", snapshot: { made, useless: null } };
const on = (name: string, change: Partial<Volume>): Seen<MirrorState> => state(name, [volume("r0", change)]);
const decide = (a: Seen<MirrorState>, b: Seen<MirrorState>, confirmed?: string) =>
  decideRollBack(inventory, seen(a, b), { volume: "r0", mirror: "mirror-b", confirmed });
const phrase = "roll r0 on mirror-b back to 2025-11-26 13:02:11 UTC";

describe("a copy in which a synchronisation has not ended", () => {
  it("goes back to what it was before, when the operator says so in words that name the moment", () => {
    expect(() => decide(gone, on("mirror-b", mixture))).toThrow(
      "volume r0: the copy of mirror-b is a mixture, because a synchronisation has not ended. It keeps what it had " +
        "before that began, at 2025-11-26 13:02:11 UTC: the state of when it had lost mirror-a before. Bring " +
        `mirror-a back (if it is off: ${startA}): it has everything. Only if mirror-a never comes back, and that old ` +
        `state is better than none: --confirm "${phrase}". Then kvm-mirror failover says what serving it means`,
    );
    expect(() => decide(gone, on("mirror-b", mixture), "yes")).toThrow('(you typed "yes")');
    expect(decide(gone, on("mirror-b", mixture), phrase)).toEqual({ mirror: "mirror-b", made });
    // Where an earlier run was interrupted.
    const detached = { ...mixture, connection: "Unconfigured", disk: "Unconfigured" };
    expect(decide(gone, on("mirror-b", detached), phrase)).toEqual({ mirror: "mirror-b", made });
  });

  it.each<[string, Partial<Volume>, string]>([
    ["is whole", { ...mixture, disk: "Outdated" }, "the copy of mirror-b is Outdated: it is whole"],
    [
      "is being copied",
      { ...mixture, connection: "SyncTarget" },
      "is not cut off from mirror-a (SyncTarget, Secondary",
    ],
    ["is Primary", { ...mixture, ...primary }, "is not cut off from mirror-a (WFConnection, Primary, Inconsistent)"],
    [
      "has no snapshot",
      { ...mixture, snapshot: null },
      "keeps no copy from before its synchronisation. Bring mirror-a",
    ],
    [
      "has one that ran full",
      { ...mixture, snapshot: { made, useless: "it ran full" } },
      "keeps no copy from before its synchronisation (it ran full). Bring mirror-a back",
    ],
    [
      "could not get one",
      { ...mixture, snapshot: { made: null, useless: "no room" } },
      "keeps no copy from before its synchronisation (no room). Bring mirror-a back",
    ],
  ])("stays as it is where it %s", (_, change, message) => {
    expect(() => decide(gone, on("mirror-b", change), phrase)).toThrow(message);
  });

  it("stays as it is while the other mirror answers, with a good copy or without one", () => {
    expect(() => decide(on("mirror-a", { ...lost, ...primary }), on("mirror-b", mixture), phrase)).toThrow(
      "mirror-a answers, and its disk is UpToDate: it has everything that is missing on mirror-b. Bring them " +
        "together: kvm-mirror recover r0",
    );
    expect(() => decide(on("mirror-a", { ...lost, disk: "Diskless" }), on("mirror-b", mixture), phrase)).toThrow(
      "DRBD 8.4 calls an old copy that meets a mirror without a disk UpToDate: shut mirror-a down first",
    );
    expect(() => decide(gone, gone, phrase)).toThrow("mirror-b cannot be asked: Connection timed out");
  });

  it("is not served by failover, which says what it has kept", () => {
    const b = (change: Partial<Volume>) => state("mirror-b", [volume("r0", change), volume("r1", lost)], ["other"]);
    const failover = (change: Partial<Volume>) => () =>
      decideFailover(inventory, views(gone, b(change)), ["main"], off);
    const way =
      "mirror-b keeps what it had before its synchronisation began: kvm-mirror recover r0 --roll-back mirror-b";
    expect(failover(mixture)).toThrow(way);
    for (const snapshot of [null, { made, useless: "it ran full" }])
      expect(failover({ ...mixture, snapshot })).toThrow(/it has them \(docs\/runbooks\/both-down\.md\)$/);
  });
});
