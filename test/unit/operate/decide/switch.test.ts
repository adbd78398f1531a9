import { describe, expect, it } from "vitest";
import { decideSwitch } from "../../../../src/operate/decide/decideSwitch.ts";
import { selectGroups } from "../../../../src/operate/decide/selectGroups.ts";
import type { GroupView } from "../../../../src/operate/observe/groupSight.ts";
import type { Seen } from "../../../../src/operate/observe/observe.ts";
import type { MirrorState } from "../../../../src/operate/observe/states.ts";
import { mirrorNamed } from "../../../../src/operate/stack/named.ts";
import { inventory, volume, primary, state, gone, views, healthyA, healthyB, alone } from "./twoGroups.ts";

describe("the choice of groups", () => {
  it("takes a volume with its group, or all", () => {
    expect(selectGroups(inventory, "r1")).toEqual(["main"]);
    expect(selectGroups(inventory, "all")).toEqual(["main", "other"]);
    expect(selectGroups(inventory, "other")).toEqual(["other"]);
    expect(() => selectGroups(inventory, "r9")).toThrow(
      "stack lab has no volume and no group r9. Volumes: r0, r1, r2. Groups: main, other. Or say all",
    );
    expect(() => mirrorNamed(inventory, "mirror-c")).toThrow(
      "stack lab has no mirror mirror-c; it has: mirror-a, mirror-b",
    );
  });
});

describe("a planned switch", () => {
  const times = { seconds: 60, writes: 0, ms: 0, stuck: 30 };
  const hanging = { writes: { volume: times, disk: times } };
  const decide = (a: Seen<MirrorState>, b: Seen<MirrorState>, to: string) =>
    decideSwitch(views(a, b)[0] as GroupView, to);
  it("moves from where the group is, and does nothing where it is already", () => {
    expect(decide(healthyA, healthyB, "mirror-b")).toEqual({ kind: "move", from: "mirror-a" });
    expect(decide(healthyA, healthyB, "mirror-a")).toEqual({ kind: "there" });
  });

  it.each<[string, Seen<MirrorState>, Seen<MirrorState>, string]>([
    [
      "without the other mirror",
      gone,
      alone,
      "group main: mirror-a cannot be asked (Connection timed out); a switch needs " +
        "both mirrors. If the primary is dead: kvm-mirror failover",
    ],
    [
      "while a volume is being synchronised",
      healthyA,
      state("mirror-b", [volume("r0"), volume("r1", { disk: "Inconsistent", connection: "SyncTarget" })]),
      "group main stays on mirror-a: volume r1: SyncTarget, Secondary/Primary, Inconsistent/UpToDate; wait until",
    ],
    [
      "past a disk that hangs where it is: its writes have no end",
      state("mirror-a", [volume("r0", { ...primary, ...hanging }), volume("r1", primary)], ["main"]),
      healthyB,
      "group main stays on mirror-a: the data disk of r0 there answers nothing, and a switch would wait for it. " +
        "mirror-b has every write that was answered: turn mirror-a off (on its KVM host: virsh destroy mirror-a), " +
        "then kvm-mirror failover all",
    ],
    [
      "when both hold it",
      healthyA,
      state("mirror-b", [volume("r0", primary), volume("r1")]),
      "group main is held by mirror-a and mirror-b: stop it on one of them first",
    ],
    [
      "when nobody holds it",
      state("mirror-a", [volume("r0")]),
      state("mirror-b", [volume("r0")]),
      "group main runs on no mirror",
    ],
  ])("is refused %s", (_, a, b, message) => {
    expect(() => decide(a, b, "mirror-b")).toThrow(message);
  });
});
