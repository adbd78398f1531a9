import { describe, expect, it } from "vitest";
import type { Inventory } from "../../../../src/inventory.ts";
import { decideFailover } from "../../../../src/operate/decide/decideFailover.ts";
import { givenUpPhrase, offAndEqualPhrase, offPhrase } from "../../../../src/operate/decide/decideNewest.ts";
import { type Evidence, parseEvidence } from "../../../../src/operate/observe/evidence.ts";
import { decideSwitch } from "../../../../src/operate/decide/decideSwitch.ts";
import { type GroupView, viewGroup } from "../../../../src/operate/observe/groupSight.ts";
import { mirrorNamed } from "../../../../src/operate/stack/named.ts";
import type { Observation, Seen } from "../../../../src/operate/observe/observe.ts";
import { selectGroups } from "../../../../src/operate/decide/selectGroups.ts";
import type { MirrorState } from "../../../../src/operate/observe/states.ts";
import { type Volume, volumeState } from "../volumeState.ts";

const inventory = {
  version: 1,
  stack: "lab",
  failover: { mode: "manual" },
  mirrors: [{ name: "mirror-a" }, { name: "mirror-b" }],
  groups: [
    { name: "main", vip: "10.20.0.10", primary: "mirror-a", volumes: ["r0", "r1"] },
    { name: "other", vip: "10.20.0.11", primary: "mirror-b", volumes: ["r2"] },
  ],
  volumes: [
    { name: "r0", group: "main" },
    { name: "r1", group: "main" },
    { name: "r2", group: "other" },
  ],
} as unknown as Inventory;

const volume = volumeState;
const lost: Partial<Volume> = { peerRole: "Unknown", peerDisk: "DUnknown", connection: "WFConnection" };
const primary: Partial<Volume> = { role: "Primary", peerRole: "Secondary" };

function state(mirror: string, volumes: readonly Volume[], vips: readonly string[] = []): Seen<MirrorState> {
  const groups = ["main", "other"].map((name) => ({
    name,
    vip: vips.includes(name),
    enabled: vips.includes(name),
    nbd: null,
    iscsi: null,
  }));
  return { state: { mirror, drbdVersion: "8.4.11", volumes: [...volumes], groups, attached: [], cluster: null } };
}
const gone: Seen<MirrorState> = { unreachable: "Connection timed out" };
const seen = (a: Seen<MirrorState>, b: Seen<MirrorState>): Observation => ({
  mirrors: new Map([
    ["mirror-a", a],
    ["mirror-b", b],
  ]),
  hosts: new Map(),
});
const views = (a: Seen<MirrorState>, b: Seen<MirrorState>): GroupView[] =>
  inventory.groups.map(({ name }) => viewGroup(inventory, seen(a, b), name));

/** main on mirror-a, other on mirror-b, both whole. */
const healthyA = state("mirror-a", [volume("r0", primary), volume("r1", primary), volume("r2")], ["main"]);
const healthyB = state("mirror-b", [volume("r0"), volume("r1"), volume("r2", primary)], ["other"]);
/** mirror-b after the death of mirror-a. */
const alone = state(
  "mirror-b",
  [volume("r0", lost), volume("r1", lost), volume("r2", { ...primary, ...lost })],
  ["other"],
);

/** Its KVM host says that it is off, and that it never went on alone. */
const off = (): Evidence => ({ domain: "off", marks: new Map() });

describe("the choice of groups", () => {
  it("takes a volume with its group, or all", () => {
    expect(selectGroups(inventory, "r1")).toEqual(["main"]);
    expect(selectGroups(inventory, "all")).toEqual(["main", "other"]);
    expect(() => selectGroups(inventory, "r9")).toThrow("stack lab has no volume r9; it has: r0, r1, r2 (or say all)");
    expect(() => mirrorNamed(inventory, "mirror-c")).toThrow(
      "stack lab has no mirror mirror-c; it has: mirror-a, mirror-b",
    );
  });
});

describe("a planned switch", () => {
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

describe("an unplanned failover", () => {
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
      "to a disk that was outdated",
      gone,
      state("mirror-b", [volume("r0", { ...lost, disk: "Outdated" }), volume("r1", lost)], ["other"]),
      "group main: the disk of mirror-b is Outdated (r0: WFConnection, Secondary/Unknown, Outdated/DUnknown): " +
        "acknowledged writes are missing there. Bring mirror-a back: it has them",
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
      "fencing mirror-a also stops group other: say all, or switch it to mirror-b first",
    ],
  ])("is refused %s", (_, a, b, message) => {
    expect(() => decideFailover(inventory, views(a, b), ["main"], off)).toThrow(message);
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
    expect(() => decideFailover(inventory, startedAlone("Consistent"), ["main"], off, offPhrase("mirror-a"))).toThrow(
      `--confirm "${words}"`,
    );
    expect(() => decideFailover(inventory, startedAlone("Outdated"), ["main"], off, words)).toThrow(
      "the disk of mirror-b is Outdated",
    );
    const without = "mirror-a is lost for good, and mirror-b serves without what it wrote since they lost each other";
    const outdated = (confirm?: string) => decideFailover(inventory, startedAlone("Outdated"), ["main"], off, confirm);
    expect(() => outdated()).toThrow(
      "Bring mirror-a back: it has them (docs/runbooks/both-down.md). Only if mirror-a never comes back, and an old " +
        `state of the disk is better than none: --confirm "${without}". All that clients wrote after that is lost then`,
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

describe("a copy that is not proven equal", () => {
  const lostAt = 1_764_162_131; // 2025-11-26 13:02:11 UTC
  const time = "2025-11-26 13:02:11 UTC";
  const parted: Partial<Volume> = {
    ...lost,
    lostSince: lostAt,
    generation: "A5A5A5A5A5A5A5A4:0000000000000000:1111111111111110:0000000000000000:1:1:0:0:0:0:0",
  };
  const newer: Partial<Volume> = {
    ...parted,
    ...primary,
    generation: "B6B6B6B6B6B6B6B6:A5A5A5A5A5A5A5A4:1111111111111110:0000000000000000:1:1:1:0:0:0:0",
  };
  const stillA = state("mirror-a", [volume("r0", newer), volume("r1", newer), volume("r2", lost)], ["main"]);
  const frozenA = state(
    "mirror-a",
    [
      volume("r0", { ...parted, ...primary, frozen: true }),
      volume("r1", { ...parted, ...primary, frozen: true }),
      volume("r2", lost),
    ],
    ["main"],
  );
  const apartB = state(
    "mirror-b",
    [volume("r0", parted), volume("r1", parted), volume("r2", { ...primary, ...lost })],
    ["other"],
  );
  const decide = (a: Seen<MirrorState>, evidence: Evidence, confirm?: string) =>
    decideFailover(inventory, views(a, apartB), ["main"], () => evidence, confirm);
  const running: Evidence = { domain: "running", marks: new Map() };
  const taken = { old: "mirror-a", to: "mirror-b", groups: ["main"], copy: "proven" };

  it(
    "is not taken while the old primary answers and has newer data " +
      "(4,054 of 6,132 acknowledged writes were lost so)",
    () => {
      expect(() => decide(stillA, running)).toThrow(
        "group main: mirror-a answers, and its data is newer: it may have acknowledged " +
          "writes that mirror-b lacks. Mend the replication network",
      );
      const phrase = givenUpPhrase("mirror-a", time);
      expect(() => decide(stillA, running)).toThrow(`--confirm "${phrase}"`);
      expect(() => decide(stillA, running, "yes")).toThrow('you typed "yes"');
      expect(decide(stillA, running, phrase)).toEqual(taken);
    },
  );

  it("is taken from an old primary that answers, and stood still all the while", () => {
    expect(decide(frozenA, running)).toEqual(taken);
  });

  it("is not taken when the old primary's generations are not known, or its mark says that it went on alone", () => {
    const silent = state("mirror-a", [volume("r0", { ...newer, generation: null }), volume("r1", newer)], ["main"]);
    expect(() => decide(silent, running)).toThrow("its data is of unknown age");
    expect(() => decide(frozenA, { domain: "running", marks: new Map([["r1", time]]) })).toThrow(
      `mirror-a went on alone at ${time}, and may have acknowledged writes since then; ` +
        "the copy of mirror-b is stale. Mend the replication network",
    );
  });

  it("is not taken from a dead primary whose mark says that it went on alone", () => {
    const marked: Evidence = {
      domain: "off",
      marks: new Map([
        ["r0", time],
        ["r2", "2020-01-01 00:00:00 UTC"],
      ]),
    };
    expect(() => decide(gone, marked)).toThrow(
      `mirror-a went on alone at ${time}, and may have acknowledged writes since then; the copy of ` +
        "mirror-b is stale. Bring mirror-a back (virsh start mirror-a on its KVM host)",
    );
    expect(decide(gone, marked, givenUpPhrase("mirror-a", time))).toEqual(taken);
    expect(() => decide(gone, marked, offAndEqualPhrase("mirror-a", "mirror-b", time))).toThrow("went on alone");
  });

  it("is taken from a dead primary that left no mark, whether its machine runs or not", () => {
    expect(decide(gone, running)).toEqual(taken);
    expect(decide(gone, { domain: "off", marks: new Map() })).toEqual(taken);
    // The mark of a volume of another group.
    expect(decide(gone, { domain: "off", marks: new Map([["r2", time]]) })).toEqual(taken);
  });

  it(
    "needs a confirmation phrase where the KVM host cannot be asked: that " +
      "the mirror is off, and since when it wrote nothing",
    () => {
      const nobody: Evidence = { domain: "unknown", marks: undefined, why: "Connection timed out" };
      const phrase = `mirror-a is off and stays off, and wrote nothing after ${time}`;
      expect(() => decide(gone, nobody)).toThrow(
        "the KVM host of mirror-a cannot be asked (Connection timed out): it is unknown whether mirror-a is " +
          `off, and whether it went on alone. mirror-b has not heard it since ${time}`,
      );
      expect(() => decide(gone, nobody, "mirror-a is off and stays off")).toThrow(`--confirm "${phrase}"`);
      expect(decide(gone, nobody, phrase)).toEqual(taken);
      expect(() => decideFailover(inventory, views(gone, alone), ["main"], () => nobody)).toThrow(
        '--confirm "mirror-a is off and stays off, and wrote nothing that mirror-b lacks"',
      );
    },
  );

  it("needs a confirmation phrase where the marks cannot be read", () => {
    const unread: Evidence = { domain: "off", marks: undefined, why: "its marks disk was never prepared" };
    expect(() => decide(gone, unread)).toThrow(
      "it is unknown whether mirror-a went on alone: its marks disk was never " +
        `prepared. mirror-b has not heard it since ${time}`,
    );
    expect(decide(gone, unread, givenUpPhrase("mirror-a", time))).toEqual(taken);
  });

  it(
    "is not taken from a primary that is connected again without its disk, " +
      "although DRBD calls the copy that is left UpToDate",
    () => {
      const bare = { ...primary, disk: "Diskless", peerDisk: "UpToDate" };
      const old = state(
        "mirror-a",
        [volume("r0", { ...bare, alone: lostAt }), volume("r1", bare), volume("r2")],
        ["main"],
      );
      const decideWith = (marks: ReadonlyMap<string, string>) =>
        decideFailover(
          inventory,
          views(
            old,
            state(
              "mirror-b",
              [volume("r0", { peerDisk: "Diskless" }), volume("r1", { peerDisk: "Diskless" }), volume("r2", primary)],
              ["other"],
            ),
          ),
          ["main"],
          () => ({ domain: "running", marks }),
        );
      expect(() => decideWith(new Map([["r0", time]]))).toThrow(`mirror-a went on alone at ${time}`);
      expect(decideWith(new Map())).toEqual(taken);
    },
  );

  it("that was started alone is no last copy while the other one's mark says that it went on", () => {
    const started = state("mirror-b", [volume("r0", { ...lost, disk: "Consistent" }), volume("r1", lost)], ["other"]);
    const attempt = (confirm: string) =>
      decideFailover(
        inventory,
        views(gone, started),
        ["main"],
        () => ({ domain: "off", marks: new Map([["r0", time]]) }),
        confirm,
      );
    const words = `mirror-a is lost for good, with what it wrote alone since ${time}`;
    expect(() => attempt("mirror-a is lost for good and mirror-b has the last writes")).toThrow(
      `It did: mirror-a went on alone at ${time}`,
    );
    expect(attempt(words)).toMatchObject({ copy: "last" });
  });

  it("reads what a KVM host says", () => {
    expect(parseEvidence(`{"domain":"off","marks":{"r0":${lostAt}}}`)).toEqual({
      domain: "off",
      marks: new Map([["r0", time]]),
    });
    expect(parseEvidence('{"domain":"running","marks":null,"why":"mirror-a has no marks disk"}')).toEqual({
      domain: "running",
      marks: undefined,
      why: "mirror-a has no marks disk",
    });
    expect(() => parseEvidence('{"domain":"laufend","marks":{}}')).toThrow();
  });
});
