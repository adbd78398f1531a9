import { describe, expect, it } from "vitest";
import type { MirrorState } from "../../../../src/operate/observe/states.ts";
import type { WriteTimes } from "../../../../src/operate/observe/stuckWrites.ts";
import { findSlowWrites, isSlow } from "../../../../src/operate/tell/slowWrites.ts";
import type { Volume } from "../volumeState.ts";
import { primaryState, secondaryState } from "./statusSample.ts";

/** A hundred writes, of so many milliseconds each; or one number for a disk in which writes are stuck. */
const each = (ms: number, writes = 100): WriteTimes => ({ seconds: 60, writes, ms: ms * writes, stuck: 0 });
const stuckFor = (stuck: number): WriteTimes => ({ seconds: 60, writes: 0, ms: 0, stuck });
const idle = each(0, 0);
type Times = WriteTimes | null;

/** The primary with the times of the volume and of its disk, and the standby with those of its disk. */
const sight = (volume: Times, own: Times, other: Times, change: Partial<Volume> = {}, peer: Partial<Volume> = {}) => [
  primaryState({ writes: { volume, disk: own }, ...change }),
  secondaryState({ writes: { volume: idle, disk: other }, ...peer }),
];
const find = (states: readonly MirrorState[]) => findSlowWrites("r0", ["mirror-a", "mirror-b"], states);
/** The kind of cause, and the mirrors that it names. */
function cause(states: readonly MirrorState[]): string {
  const found = find(states)?.cause;
  switch (found?.kind) {
    case undefined:
      return "none";
    case "disks":
      return `disks: ${found.disks.map(({ mirror }) => mirror).join(" ")}`;
    case "unknown":
      return `unknown: ${found.silent.join(" ")}`;
    case "busy":
      return `busy: ${found.volume}${found.compared ? " compared" : ""}`;
    case "network":
      return "network";
  }
}

describe("writes are slow", () => {
  it.each([
    ["100 ms a write, and no more", each(100), false],
    ["more than that", each(101), true],
    ["a disk of two writes a second", each(500, 120), true],
    ["an idle volume", idle, false],
    ["few writes, one of them slow", { seconds: 60, writes: 3, ms: 900, stuck: 0 }, false],
    ["few writes, for they take long", each(6000, 9), true],
    ["one that was begun before the minute, and has ended", { seconds: 60, writes: 0, ms: 70_000, stuck: 0 }, true],
    ["none that ends, for two looks", stuckFor(20), true],
    ["none that ends, for one look", stuckFor(10), false],
    ["many that begin, and none that ends", { ...stuckFor(40), writes: 32 }, true],
  ])("%s", (_, times, slow) => {
    expect(isSlow(times)).toBe(slow);
  });
});

describe("the cause is", () => {
  it.each([
    ["the standby's disk", sight(each(490), each(1), each(480)), "disks: mirror-b"],
    ["the standby's, though the other is no fast one", sight(each(150), each(31), each(110)), "disks: mirror-b"],
    ["the standby's, where a write waits for it four times", sight(each(490), each(1), each(125)), "disks: mirror-b"],
    ["the standby's that hangs", sight(stuckFor(20), each(1), stuckFor(10)), "disks: mirror-b"],
    ["the primary's disk", sight(each(490), each(480), each(1)), "disks: mirror-a"],
    ["both", sight(each(490), each(480), each(300)), "disks: mirror-a mirror-b"],
    ["the network, where both disks are fast", sight(each(490), each(1), each(1)), "network"],
    ["the network, where the standby gets nothing to write", sight(stuckFor(30), each(1), idle), "network"],
    ["unknown, where the standby does not say", sight(each(490), each(1), null), "unknown: mirror-b"],
    ["unknown, where the standby is not there", sight(each(490), each(1), null).slice(0, 1), "unknown: mirror-b"],
    ["unknown, where neither says", sight(each(490), null, null), "unknown: mirror-a mirror-b"],
    ["the primary's disk, whatever the standby says", sight(each(490), each(480), null), "disks: mirror-a"],
  ])("%s", (_, states, expected) => {
    expect(cause(states)).toBe(expected);
  });

  const resync = { connection: "SyncSource", peerDisk: "Inconsistent", syncPercent: 40 };
  it("a synchronisation, unless a disk hangs beside it", () => {
    const target = { connection: "SyncTarget", disk: "Inconsistent", syncPercent: 40 };
    expect(cause(sight(each(490), each(400), each(400), resync, target))).toBe("busy: r0");
    expect(cause(sight(each(490), each(1), each(1), resync, target))).toBe("busy: r0");
    expect(cause(sight(each(490), each(1), stuckFor(40), resync, target))).toBe("disks: mirror-b");
    expect(cause(sight(each(50), each(40), each(40), resync, target))).toBe("none");
  });

  it("one of another volume as well, or a comparison", () => {
    const [first, second] = [primaryState({ writes: { volume: each(490), disk: each(1) } }), secondaryState()];
    const other = first.volumes.map((view) => (view.name === "r1" ? { ...view, ...resync } : view));
    expect(cause([{ ...first, volumes: other }, second])).toBe("busy: r1");
    expect(cause(sight(each(490), each(1), each(400), { connection: "VerifyS" }))).toBe("busy: r0 compared");
  });
});

describe("none is told of", () => {
  it.each([
    ["an idle volume on a slow disk", sight(idle, each(480), each(480))],
    ["a fast volume on a slow standby, which only bears another one's load", sight(each(5), each(1), each(480))],
    ["mirrors that do not say", sight(null, null, null)],
    ["mirrors of an earlier version", [primaryState(), secondaryState()]],
    ["a standby alone", sight(each(490), each(1), each(480)).slice(1)],
    ["no mirror", []],
    ["writes that wait until somebody acts", sight(stuckFor(300), each(1), each(1), { suspended: true })],
    ["a primary that stands still", sight(stuckFor(300), each(1), each(1), { frozen: true })],
    [
      "the time before the standby was lost",
      sight(each(490), each(1), each(480), { connection: "WFConnection", peerDisk: "Outdated" }),
    ],
  ])("%s", (_, states) => {
    expect(find(states)).toBeUndefined();
  });
});

it("a primary without its peer has its own disk to blame, and a primary without a disk its peer's", () => {
  const alone = { connection: "WFConnection", peerDisk: "Outdated" };
  const parted = sight(each(490), each(480), each(480), alone);
  expect(find(parted)).toMatchObject({ standby: undefined, couldGoOn: true });
  expect(cause(parted)).toBe("disks: mirror-a");
  const diskless = sight(each(490), each(300), each(480), { disk: "Diskless" });
  expect(find(diskless)).toMatchObject({ standby: "mirror-b", couldGoOn: false });
  expect(cause(diskless)).toBe("disks: mirror-b");
});
