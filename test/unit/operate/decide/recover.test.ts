import { describe, expect, it, test } from "vitest";
import { decideRecovery } from "../../../../src/operate/decide/decideRecovery.ts";
import { type Copy, diagnoseVolume } from "../../../../src/operate/decide/diagnoseVolume.ts";
import { explainDiagnosis } from "../../../../src/operate/tell/explainDiagnosis.ts";
import { parseGeneration, relate } from "../../../../src/operate/decide/generation.ts";

// As real mirrors printed them.
const before = "8B17B887E8764D1F:0000000000000000:833D8359F3ACA068:0000000000000004:1:1:1:1:0:0:0";
const wentOn = "40E8CA0C694286A5:8B17B887E8764D1F:833D8359F3ACA068:0000000000000004:1:1:1:0:0:1:0";
const forced = "0E73923AE022B3B6:52AA862234410AC9:833D8359F3ACA068:0000000000000004:1:1:0:0:0:1:0";
const stranger = "1111111111111110:2222222222222220:3333333333333330:4444444444444440:1:1:0:0:0:1:0";
const created = "0000000000000004:0000000000000000:0000000000000000:0000000000000000:0:0:0:0:0:0:0";

describe("generations", () => {
  test.each([
    ["the same but for the primary's mark", before, before.replace("4D1F:", "4D1E:"), "same"],
    ["the first went on alone", wentOn, before, "first newer"],
    ["the second went on alone", before, wentOn, "second newer"],
    ["both went on", wentOn, forced, "split"],
    ["no common past", wentOn, stranger, "unrelated"],
    ["one is new", created, wentOn, "second newer"],
    ["both are new", created, created, "same"],
  ])("%s", (_, first, second, relation) => {
    expect(relate(parseGeneration(first), parseGeneration(second))).toBe(relation);
  });

  it("refuses what drbdadm does not print", () => {
    expect(() => parseGeneration("no such resource")).toThrow(
      "expected the output of drbdadm get-gi, got: no such resource",
    );
  });
});

const copy = (mirror: string, generation: string, change: Partial<Copy> = {}): Copy => ({
  mirror,
  connection: "StandAlone",
  role: "Secondary",
  disk: "UpToDate",
  peerDisk: "DUnknown",
  syncPercent: null,
  outOfSyncKiB: 0,
  users: [],
  generation: parseGeneration(generation),
  ...change,
});
const split = (change: Partial<Copy> = {}): readonly [Copy, Copy] => [
  copy("mirror-a", wentOn, { role: "Primary", outOfSyncKiB: 4, users: ["10.20.0.2"] }),
  copy("mirror-b", forced, { outOfSyncKiB: 8, ...change }),
];
const words = (keep?: string, confirm?: string) => ({ keep, confirm, withoutCopy: false });

describe("kvm-mirror recover", () => {
  it("explains a split brain and how to end it", () => {
    const copies = split();
    expect(explainDiagnosis("r0", copies, diagnoseVolume(...copies))).toMatchInlineSnapshot(`
      "Volume r0
        mirror-a: Primary, UpToDate, StandAlone, 4 KiB marked as different from the peer, open by 10.20.0.2
        mirror-b: Secondary, UpToDate, StandAlone, 8 KiB marked as different from the peer
      Split brain: both were written while they were apart. There is no merging them: one side's writes since then have to go.
      Find out which side the applications worked with, shut down every client that worked with the other, then say which to keep:
        kvm-mirror recover r0 --keep mirror-a --confirm "discard what mirror-b wrote to r0"
        kvm-mirror recover r0 --keep mirror-b --confirm "discard what mirror-a wrote to r0"
      The losing side's changed blocks are copied to a file on that mirror first.
      "
    `);
  });

  it("does nothing about a split brain before it is told which side to keep", () => {
    expect(decideRecovery("r0", split(), { kind: "split" }, words())).toEqual([]);
  });

  test.each([
    ["without the words", words("mirror-a"), split(), 'say so with --confirm "discard what mirror-b wrote to r0"'],
    [
      "with the wrong words",
      words("mirror-a", "discard what mirror-a wrote to r0"),
      split(),
      '(you typed "discard what mirror-a wrote to r0")',
    ],
    [
      "while a client writes to the losing side",
      words("mirror-b", "discard what mirror-a wrote to r0"),
      split(),
      "shut down those clients first",
    ],
    [
      "to keep a copy that is not whole",
      words("mirror-b", "discard what mirror-a wrote to r0"),
      split({ disk: "Inconsistent" }),
      "it cannot be what is kept",
    ],
    ["to keep a mirror that there is not", words("mirror-c"), split(), "not on mirror-c"],
  ])("refuses to discard %s", (_, said, copies, message) => {
    expect(() => decideRecovery("r0", copies, { kind: "split" }, said)).toThrow(message);
  });

  it("has the losing side wait with its data given up before the other one connects", () => {
    const steps = decideRecovery(
      "r0",
      split({ role: "Primary" }),
      { kind: "split" },
      words("mirror-a", "discard what mirror-b wrote to r0"),
    );
    expect(steps).toEqual([
      { kind: "stop group", mirror: "mirror-b" },
      { kind: "set aside", mirror: "mirror-b" },
      { kind: "discard and connect", mirror: "mirror-b" },
      { kind: "connect", mirror: "mirror-a" },
      { kind: "see them connected" },
    ]);
  });

  const connectsBoth = ["connect", "connect", "see them connected"];
  it("connects copies that only stand alone, and keeps the newer one whatever is said", () => {
    const copies = [copy("mirror-a", wentOn), copy("mirror-b", before)] as const;
    const diagnosis = diagnoseVolume(...copies);
    expect(diagnosis).toEqual({ kind: "apart", newer: "mirror-a" });
    expect(decideRecovery("r0", copies, diagnosis, words()).map(({ kind }) => kind)).toEqual(connectsBoth);
    expect(() => decideRecovery("r0", copies, diagnosis, words("mirror-b"))).toThrow(
      "mirror-a has everything that mirror-b has, and newer writes",
    );
  });

  it("only connects a Primary without a good disk of its own, which stands still without the newer copy", () => {
    const copies = [
      copy("mirror-a", wentOn),
      copy("mirror-b", before, { role: "Primary", disk: "Inconsistent", connection: "StandAlone" }),
    ] as const;
    const diagnosis = diagnoseVolume(...copies);
    expect(diagnosis).toEqual({ kind: "apart", newer: "mirror-a" });
    expect(decideRecovery("r0", copies, diagnosis, words()).map(({ kind }) => kind)).toEqual(connectsBoth);
  });

  it("has a Primary with older data stop serving before it follows: DRBD copies nothing over a Primary", () => {
    const copies = [
      copy("mirror-a", wentOn, { role: "Primary" }),
      copy("mirror-b", before, { role: "Primary" }),
    ] as const;
    const diagnosis = diagnoseVolume(...copies);
    expect(() => decideRecovery("r0", copies, diagnosis, words())).toThrow(
      "To have mirror-b stop serving its group and follow: kvm-mirror recover r0 --keep mirror-a",
    );
    expect(decideRecovery("r0", copies, diagnosis, words("mirror-a"))).toEqual([
      { kind: "stop group", mirror: "mirror-b" },
      { kind: "connect", mirror: "mirror-a" },
      { kind: "connect", mirror: "mirror-b" },
      { kind: "see them connected" },
    ]);
  });

  it("mends differences that verify found from the Primary only", () => {
    const connected = { connection: "Connected", peerDisk: "UpToDate", outOfSyncKiB: 12 };
    const copies = [
      copy("mirror-a", before, { ...connected, role: "Primary" }),
      copy("mirror-b", before, connected),
    ] as const;
    const diagnosis = diagnoseVolume(...copies);
    expect(diagnosis).toEqual({ kind: "differs" });
    expect(decideRecovery("r0", copies, diagnosis, words("mirror-a"))).toEqual([
      { kind: "set aside", mirror: "mirror-b" },
      { kind: "connect", mirror: "mirror-b" },
      { kind: "see them connected" },
    ]);
    expect(() => decideRecovery("r0", copies, diagnosis, words("mirror-b"))).toThrow(
      "switch to it first (kvm-mirror switch r0 --to mirror-b)",
    );
  });

  it("takes a new disk into use where the other copy is whole, and nowhere else", () => {
    const lost = copy("mirror-a", before, { connection: "Connected", disk: "Diskless", peerDisk: "UpToDate" });
    const copies = [
      lost,
      copy("mirror-b", before, { connection: "Connected", role: "Primary", peerDisk: "Diskless" }),
    ] as const;
    const diagnosis = diagnoseVolume(...copies);
    expect(diagnosis).toEqual({ kind: "down", mirror: "mirror-a" });
    expect(explainDiagnosis("r0", copies, diagnosis)).toContain("kvm-mirror recover r0 --keep mirror-b\n");
    expect(decideRecovery("r0", copies, diagnosis, words())).toEqual([]);
    expect(decideRecovery("r0", copies, diagnosis, words("mirror-b"))).toEqual([
      { kind: "new metadata", mirror: "mirror-a" },
      { kind: "see them connected" },
    ]);
    expect(() => decideRecovery("r0", copies, diagnosis, words("mirror-a"))).toThrow(
      "mirror-b has its disk in use (UpToDate); nothing is made anew there",
    );
    for (const disk of ["Inconsistent", "Outdated", "Consistent", "Diskless"]) {
      const neither = [lost, copy("mirror-b", before, { connection: "Connected", disk })] as const;
      expect(() => decideRecovery("r0", neither, diagnoseVolume(...neither), words("mirror-b"))).toThrow(
        `the disk of mirror-b is ${disk}: it cannot be what a new disk is copied from`,
      );
    }
  });

  it("gives up what a mirror acknowledged alone, on a disk that it has lost, for the words alone", () => {
    const since = "2026-11-27 04:25:00 UTC";
    const copies = [
      copy("mirror-a", before, { connection: "WFConnection" }),
      copy("mirror-b", wentOn, { role: "Primary", disk: "Diskless", peerDisk: "Outdated", alone: since }),
    ] as const;
    const diagnosis = diagnoseVolume(...copies);
    expect(explainDiagnosis("r0", copies, diagnosis)).toMatchInlineSnapshot(`
      "Volume r0
        mirror-a: Secondary, UpToDate, WFConnection
        mirror-b: Primary, Diskless, StandAlone
      mirror-b went on alone at 2026-11-27 04:25:00 UTC: the other copy is stale, and acknowledged writes may be on the disk of mirror-b alone. Do all to get that disk back.
      mirror-b does not take part: the volume is down there or has lost its disk. Try \`drbdadm up r0\` there, or \`drbdadm attach r0\` if it is only Diskless.
      If the disk is broken, put a new, empty one in its place (docs/runbooks/replace-a-mirror.md), then: kvm-mirror recover r0 --keep mirror-a
      It gets new metadata, and everything is copied to it.
      "
    `);
    expect(() => decideRecovery("r0", copies, diagnosis, words("mirror-a"))).toThrow(
      `mirror-b went on alone at ${since}, and may have acknowledged writes since then: only the disk that it has ` +
        `lost holds them. If that disk is lost for good: --confirm "give up what mirror-b wrote alone since ${since}"`,
    );
    expect(
      decideRecovery("r0", copies, diagnosis, words("mirror-a", `give up what mirror-b wrote alone since ${since}`)),
    ).toEqual([{ kind: "new metadata", mirror: "mirror-b" }, { kind: "see them connected" }]);
  });

  test.each([
    ["a synchronisation", { connection: "SyncTarget", disk: "Inconsistent" }, "copying"],
    ["a broken network", { connection: "WFConnection" }, "waiting"],
  ] as const)("leaves %s alone", (_, change, kind) => {
    const copies = [
      copy("mirror-a", before, kind === "waiting" ? change : {}),
      copy("mirror-b", before, change),
    ] as const;
    const diagnosis = diagnoseVolume(...copies);
    expect(diagnosis.kind).toBe(kind);
    expect(decideRecovery("r0", copies, diagnosis, words("mirror-a"))).toEqual([]);
  });

  it("connects nothing without a common past", () => {
    const copies = [copy("mirror-a", wentOn), copy("mirror-b", stranger)] as const;
    expect(() => decideRecovery("r0", copies, diagnoseVolume(...copies), words("mirror-a"))).toThrow("no common past");
  });
});
