import { describe, expect, it } from "vitest";
import type { Inventory } from "../../../../src/inventory/inventory.ts";
import { decideFailover } from "../../../../src/operate/decide/decideFailover.ts";
import { offPhrase } from "../../../../src/operate/decide/decideNewest.ts";
import type { Evidence } from "../../../../src/operate/observe/evidence.ts";
import type { Seen } from "../../../../src/operate/observe/observe.ts";
import type { MirrorState } from "../../../../src/operate/observe/states.ts";
import {
  inventory,
  volume,
  lost,
  primary,
  state,
  gone,
  views,
  healthyA,
  healthyB,
  alone,
  off,
  startA,
} from "./twoGroups.ts";

describe("an unplanned failover", () => {
  const times = { seconds: 60, writes: 0, ms: 0, stuck: 30 };
  const hanging = { writes: { volume: times, disk: times } };
  it("takes the groups of the dead mirror to the one that answers", () => {
    expect(decideFailover(inventory, views(gone, alone), ["main"], off)).toEqual({
      old: "mirror-a",
      to: "mirror-b",
      groups: ["main"],
      copy: "proven",
    });
  });

  it.each<[string, Seen<MirrorState>, Seen<MirrorState>, string]>([
    [
      "while the primary answers and both are UpToDate",
      healthyA,
      healthyB,
      "group main runs on mirror-a, which answers, and both mirrors are UpToDate: " +
        "move it without loss of redundancy with kvm-mirror switch",
    ],
    [
      "while the primary answers, and both are UpToDate and being verified",
      state("mirror-a", [volume("r0", { ...primary, connection: "VerifyS" }), volume("r1", primary)], ["main"]),
      state("mirror-b", [volume("r0", { connection: "VerifyT" }), volume("r1")]),
      "group main runs on mirror-a, which answers, and both mirrors are UpToDate",
    ],
    [
      "while the primary answers, and its disk does not: it is turned off first",
      state("mirror-a", [volume("r0", { ...primary, ...hanging }), volume("r1", primary)], ["main"]),
      healthyB,
      "group main runs on mirror-a, which answers, and both mirrors are UpToDate: the data disk of r0 there answers " +
        "nothing, and a switch would wait for it. mirror-b has every write that was answered: turn mirror-a off (on " +
        "its KVM host: virsh destroy mirror-a), then repeat this",
    ],
    [
      "to a disk that was outdated",
      gone,
      state("mirror-b", [volume("r0", { ...lost, disk: "Outdated" }), volume("r1", lost)], ["other"]),
      "group main: the disk of mirror-b is Outdated (r0: WFConnection, Secondary/Unknown, Outdated/DUnknown): " +
        `acknowledged writes are missing there. Bring mirror-a back (${startA}): it has them`,
    ],
    [
      "to a disk whose synchronisation was cut",
      gone,
      state("mirror-b", [volume("r0", lost), volume("r1", { ...lost, disk: "Inconsistent" })], ["other"]),
      "the disk of mirror-b is Inconsistent",
    ],
    [
      "to a disk that was restarted alone",
      gone,
      state("mirror-b", [volume("r0", { ...lost, disk: "Consistent" }), volume("r1", lost)], ["other"]),
      "the disk of mirror-b is Consistent (r0: WFConnection, Secondary/Unknown, " +
        "Consistent/DUnknown): it was started without mirror-a, and cannot know",
    ],
    [
      "when no mirror answers",
      gone,
      gone,
      "no mirror answers: mirror-a: Connection timed out; mirror-b: Connection timed out",
    ],
    [
      "when the one that answers has it already",
      gone,
      state(
        "mirror-b",
        [volume("r0", { ...lost, role: "Primary" }), volume("r1", { ...lost, role: "Primary" })],
        ["main"],
      ),
      "mirror-b holds main already: nothing fails over. Bring the other mirror back (mirror-a: Connection timed out)",
    ],
    [
      "when both answer and nobody holds it",
      state("mirror-a", [volume("r0")]),
      state("mirror-b", [volume("r0")]),
      "mirror-a and mirror-b both answer and neither holds the group: that is no failover",
    ],
    [
      "that would stop another group as well",
      gone,
      state("mirror-b", [volume("r0", lost), volume("r1", lost), volume("r2", lost)]),
      "mirror-a is off, and group other is down with it: say all",
    ],
  ])("is refused %s", (_, a, b, message) => {
    expect(() => decideFailover(inventory, views(a, b), ["main"], off)).toThrow(message);
  });

  it("is refused where it would stop another group as well, which runs or may run there", () => {
    const all = state("mirror-b", [volume("r0", lost), volume("r1", lost), volume("r2", lost)]);
    expect(() =>
      decideFailover(inventory, views(gone, all), ["main"], () => ({ domain: "running", marks: new Map() })),
    ).toThrow("fencing mirror-a also stops group other: say all, or switch it to mirror-b first");
  });

  it("takes what the dead mirror had, and leaves what the other has already, in whatever order they are named", () => {
    const holdsMain = state(
      "mirror-b",
      [volume("r0", { ...lost, role: "Primary" }), volume("r1", { ...lost, role: "Primary" }), volume("r2", lost)],
      ["main"],
    );
    const holdsOther = state(
      "mirror-b",
      [volume("r0", lost), volume("r1", lost), volume("r2", { ...lost, role: "Primary" })],
      ["other"],
    );
    expect(decideFailover(inventory, views(gone, holdsMain), ["main", "other"], off)).toMatchObject({
      to: "mirror-b",
      groups: ["other"],
    });
    expect(decideFailover(inventory, views(gone, holdsOther), ["main", "other"], off)).toMatchObject({
      to: "mirror-b",
      groups: ["main"],
    });
  });

  it("does not guess which of two mirrors shall be given up", () => {
    expect(() => decideFailover(inventory, views(healthyA, healthyB), ["main", "other"], off)).toThrow(
      "mirror-a and mirror-b both answer, and each lacks one of main, other: " +
        "name the groups of the one to give up",
    );
  });

  it.each([
    ["Consistent", "mirror-a is lost for good and mirror-b has the last writes"],
    ["Outdated", "mirror-a is lost for good, and mirror-b serves without what it wrote since they lost each other"],
  ])("gives up no mirror that runs, for a copy that is %s, whatever is typed", (disk, phrase) => {
    const hosts = [
      { name: "kvm-a", uri: "qemu+ssh://root@kvm-a/system", address: "kvm-a", storageAddress: "10.20.0.2" },
    ];
    const onHosts = { ...inventory, hosts, mirrors: inventory.mirrors.map((mirror) => ({ ...mirror, host: "kvm-a" })) };
    const left = views(gone, state("mirror-b", [volume("r0", { ...lost, disk }), volume("r1", lost)], ["other"]));
    const decide = (domain: "running" | "off", confirmed?: string) =>
      decideFailover(onHosts as Inventory, left, ["main"], () => ({ domain, marks: new Map() }), confirmed);
    for (const confirmed of [undefined, phrase])
      expect(() => decide("running", confirmed)).toThrow(
        /^group main: volume r0 on mirror-b .*, and mirror-a runs, its KVM host kvm-a says, .*virsh destroy mirror-a;/,
      );
    expect(decide("off", phrase)).toMatchObject({ old: "mirror-a", to: "mirror-b" });
  });

  it("takes a copy that was started alone with a confirmation phrase, and no worse one", () => {
    const startedAlone = (disk: string) =>
      views(gone, state("mirror-b", [volume("r0", { ...lost, disk }), volume("r1", lost)], ["other"]));
    const words = "mirror-a is lost for good and mirror-b has the last writes";
    expect(decideFailover(inventory, startedAlone("Consistent"), ["main"], off, words)).toEqual({
      old: "mirror-a",
      to: "mirror-b",
      groups: ["main"],
      copy: "last",
    });
    expect(() => decideFailover(inventory, startedAlone("Consistent"), ["main"], off)).toThrow(
      `Bring mirror-a back (${startA}): as soon as they meet, they know (docs/runbooks/both-down.md)`,
    );
    const silent = (): Evidence => ({ domain: "unknown", marks: undefined, why: "Connection timed out" });
    expect(() => decideFailover(inventory, startedAlone("Consistent"), ["main"], silent)).toThrow(
      `Bring mirror-a back (kvm-a cannot be asked; once it can, and says that it is off: ${startA}): as soon as`,
    );
    expect(() => decideFailover(inventory, startedAlone("Consistent"), ["main"], off, offPhrase("mirror-a"))).toThrow(
      `--confirm "${words}"`,
    );
    expect(() => decideFailover(inventory, startedAlone("Outdated"), ["main"], off, words)).toThrow(
      "the disk of mirror-b is Outdated",
    );
    const without = "mirror-a is lost for good, and mirror-b serves without what it wrote since they lost each other";
    const outdated = (confirm?: string) => decideFailover(inventory, startedAlone("Outdated"), ["main"], off, confirm);
    expect(() => outdated()).toThrow(
      `Bring mirror-a back (${startA}): it has them (docs/runbooks/both-down.md). Only if mirror-a never comes back, ` +
        `and an old state of the disk is better than none: --confirm "${without}". All that clients wrote after that ` +
        "is lost then",
    );
    expect(outdated(without)).toMatchObject({ copy: "stale", to: "mirror-b" });
    // A mixture of old and new blocks is no state of the disk.
    expect(() => decideFailover(inventory, startedAlone("Inconsistent"), ["main"], off, without)).toThrow(
      /the disk of mirror-b is Inconsistent (?!.*--confirm)/,
    );
    // The other one answers: nothing is lost for good.
    const held = state(
      "mirror-a",
      [volume("r0", { ...primary, ...lost }), volume("r1", { ...primary, ...lost })],
      ["main"],
    );
    expect(() =>
      decideFailover(
        inventory,
        views(held, state("mirror-b", [volume("r0", { ...lost, disk: "Consistent" }), volume("r1", lost)], ["other"])),
        ["main"],
        off,
        words,
      ),
    ).toThrow("the disk of mirror-b is Consistent");
    const old = state("mirror-b", [volume("r0", { ...lost, disk: "Outdated" }), volume("r1", lost)], ["other"]);
    expect(() => decideFailover(inventory, views(held, old), ["main"], off, without)).toThrow(
      /the disk of mirror-b is Outdated (?!.*--confirm)/,
    );
  });
});
