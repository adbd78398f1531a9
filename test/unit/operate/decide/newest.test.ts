import { describe, expect, it } from "vitest";
import { decideFailover } from "../../../../src/operate/decide/decideFailover.ts";
import { givenUpPhrase, offAndEqualPhrase } from "../../../../src/operate/decide/decideNewest.ts";
import { parseEvidence, type Evidence } from "../../../../src/operate/observe/evidence.ts";
import type { Seen } from "../../../../src/operate/observe/observe.ts";
import type { MirrorState } from "../../../../src/operate/observe/states.ts";
import type { Volume } from "../volumeState.ts";
import { inventory, volume, lost, primary, state, gone, views, alone, startA } from "./twoGroups.ts";

describe("a copy that is not proven equal", () => {
  const lostAt = 1_764_162_131; // 2025-11-26 13:02:11 UTC
  const time = "2025-11-26 13:02:11 UTC";
  const parted: Partial<Volume> = {
    ...lost,
    lostSince: lostAt,
    heardUntil: lostAt,
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
        `mirror-b is stale. Bring mirror-a back (${startA}): it has them`,
    );
    expect(() => decide(gone, { ...marked, domain: "running" })).toThrow(
      "Bring mirror-a back (it runs on kvm-a and does not answer: virsh console mirror-a there): it has them",
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

  it("names no time where the mirror that is left has not heard the other one since it booted", () => {
    // It began to miss the other one when it booted. What that wrote until then, it cannot know.
    const booted = { ...parted, heardUntil: null };
    const bootedB = (change: Partial<Volume> = {}) =>
      state(
        "mirror-b",
        [volume("r0", { ...booted, ...change }), volume("r1", parted), volume("r2", primary)],
        ["other"],
      );
    const nobody: Evidence = { domain: "unknown", marks: undefined, why: "Connection timed out" };
    const decideOn = (b: Seen<MirrorState>, confirm?: string) =>
      decideFailover(inventory, views(gone, b), ["main"], () => nobody, confirm);
    expect(() => decideOn(bootedB(), offAndEqualPhrase("mirror-a", "mirror-b", time))).toThrow(
      "mirror-b has not heard it since an unknown time",
    );
    expect(decideOn(bootedB(), "mirror-a is off and stays off, and wrote nothing that mirror-b lacks")).toEqual(taken);
    expect(() => decideOn(bootedB({ disk: "Outdated" }))).toThrow(
      'mirror-b serves without what it wrote since they lost each other"',
    );
  });

  it("needs the same of a mirror that was migrated away, whatever its own KVM host has of it", () => {
    const moved: Evidence = { domain: "moved", marks: undefined, why: "virsh migrate" };
    const phrase = `mirror-a is off and stays off, and wrote nothing after ${time}`;
    expect(() => decide(gone, moved)).toThrow(
      "group main: mirror-a was taken to another KVM host (virsh migrate): it is unknown whether mirror-a is off, " +
        "and whether it went on alone",
    );
    expect(() => decide(gone, moved)).toThrow(`Find where it runs, and migrate it back. If it is lost, make sure that`);
    expect(() => decide(gone, moved, givenUpPhrase("mirror-a", time))).toThrow(`--confirm "${phrase}"`);
    expect(decide(gone, moved, phrase)).toEqual(taken);
  });

  it.each([
    ["unknown", "its KVM host cannot be asked to turn it off (Connection timed out). Shut it down"],
    [
      "moved",
      "was taken away from its KVM host (Connection timed out), which can no longer turn it off. Migrate it back, or " +
        "shut it down",
    ],
  ] as const)("is taken by no phrase from a primary that answers and cannot be turned off (%s)", (domain, words) => {
    const nobody: Evidence = { domain, marks: undefined, why: "Connection timed out" };
    for (const a of [stillA, frozenA])
      for (const typed of [
        undefined,
        givenUpPhrase("mirror-a", time),
        `mirror-a is off and stays off, and wrote nothing after ${time}`,
      ])
        expect(() => decide(a, nobody, typed)).toThrow(
          `group main: mirror-a answers, so it runs, and ${words}, with sudo poweroff on mirror-a; then repeat`,
        );
  });

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
