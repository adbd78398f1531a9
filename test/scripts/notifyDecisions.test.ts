/** What people are told, and when: the decision by itself, look by look, with no time that passes. */
import { describe, expect, test } from "vitest";
import { detail, type Look, told } from "./playedLooks.ts";

const whole = "Connected Secondary UpToDate UpToDate";
const serving = "Connected Primary UpToDate UpToDate";
const alone = "WFConnection Primary UpToDate Outdated";
/** The same of r0 and r1 for so many looks, 2 s apart. */
const both = (state: string, looks = 1): readonly Look[] =>
  Array.from({ length: looks }, () => ({ r0: state, r1: state }));

describe("one copy left", () => {
  test("is told once, of all volumes together, when it has lasted 4 s", () => {
    expect(told([...both(serving, 2), ...both(alone, 20)])).toEqual([
      "8: one-copy-left r0 one-copy-left, r1 one-copy-left",
    ]);
  });

  test.each([
    ["the peer is lost", "WFConnection Secondary UpToDate DUnknown"],
    ["its own disk is lost", "Connected Primary Diskless UpToDate"],
    ["the peer's disk is lost", "Connected Primary UpToDate Diskless"],
    ["a copy is being filled again", "SyncSource Primary UpToDate Inconsistent"],
    ["the copies are apart", "StandAlone Secondary UpToDate DUnknown"],
    ["its own copy is old", "WFConnection Secondary Outdated UpToDate"],
  ])("is told when %s", (_, state) => {
    expect(told([{ r0: whole }, ...Array.from({ length: 3 }, () => ({ r0: state }))])).toEqual([
      "6: one-copy-left r0 one-copy-left",
    ]);
  });

  test("is not told of a flap, however often there is one", () => {
    const flap = [...both(alone), ...both(serving)];
    expect(told([...flap, ...flap, ...flap, ...flap])).toEqual([]);
  });

  test("names those that have only begun, in place of a message for each", () => {
    const looks = [{ r0: alone, r1: serving }, { r0: alone, r1: alone }, ...both(alone, 4)];
    expect(told([...both(serving), ...looks])).toEqual(["6: one-copy-left r0 one-copy-left, r1 one-copy-left"]);
  });

  test("is told of a volume that follows later, with those that were told before", () => {
    const later = Array.from({ length: 4 }, () => ({ r0: alone, r1: serving }));
    expect(told([...later, ...both(alone, 4)])).toEqual([
      "4: one-copy-left r0 one-copy-left",
      "12: one-copy-left r0 one-copy-left, r1 one-copy-left",
    ]);
  });
});

describe("nobody is told of", () => {
  test("a planned switch", () => {
    const handed = "Connected Secondary UpToDate UpToDate";
    expect(told([...both(serving, 2), ...both(handed, 4), ...both(serving, 4), ...both(handed, 3)])).toEqual([]);
  });

  test("a comparison of the copies", () => {
    expect(told(both("VerifyS Primary UpToDate UpToDate", 5))).toEqual([]);
  });

  test("a first synchronisation, from the metadata to its end", () => {
    const looks = [
      "WFConnection Secondary Inconsistent DUnknown",
      "Connected Secondary Inconsistent Inconsistent",
      "SyncSource Primary UpToDate Inconsistent",
    ].flatMap((state) => Array.from({ length: 4 }, () => ({ r0: `${state} first` })));
    expect(told([...looks, { r0: whole }, { r0: whole }, { r0: whole }])).toEqual([]);
  });

  test("a volume that is down here, or in no file any more", () => {
    expect(told([{ r0: whole }, ...Array.from({ length: 4 }, () => ({ r0: "Unconfigured" }))])).toEqual([]);
    expect(told([{ r0: alone }, {}, {}, {}, {}])).toEqual([]);
  });
});

describe("clients that stand still", () => {
  test("are told of at once where nothing lets them go on", () => {
    expect(told([{ r0: serving }, { r0: `${alone} suspended frozen` }])).toEqual([
      "2: clients-stand-still r0 clients-stand-still, r0 one-copy-left",
    ]);
    expect(told([{ r0: serving }, { r0: "WFConnection Primary Diskless DUnknown suspended" }])).toEqual([
      "2: clients-stand-still r0 clients-stand-still, r0 one-copy-left",
    ]);
  });

  test("are told of after 4 s while a lost peer is asked or fenced, which ends by itself", () => {
    const fencing = { r0: "WFConnection Primary UpToDate DUnknown suspended" };
    const settled = [{ r0: alone }, { r0: alone }, { r0: alone }];
    expect(told([{ r0: serving }, fencing, fencing, ...settled])).toEqual(["6: one-copy-left r0 one-copy-left"]);
    expect(told([{ r0: serving }, fencing, fencing, fencing, ...settled, { r0: alone }])).toEqual([
      "6: clients-stand-still r0 clients-stand-still, r0 one-copy-left",
      "12: clients-go-on r0 one-copy-left",
    ]);
  });

  test("are no matter of a Secondary", () => {
    expect(told([{ r0: whole }, { r0: `${whole} suspended` }, { r0: `${whole} suspended` }])).toEqual([]);
  });
});

describe("a failover", () => {
  const lost = "WFConnection Secondary UpToDate DUnknown";

  test("is told by the mirror that has become Primary without its peer", () => {
    expect(told([...both(whole), ...both(lost, 4), ...both(alone, 4)])).toEqual([
      "6: one-copy-left r0 one-copy-left, r1 one-copy-left",
      "14: failover r0 failover, r1 failover, r0 one-copy-left, r1 one-copy-left",
    ]);
  });

  test("is none of a Primary that loses its peer, or that was one before anybody looked", () => {
    expect(told([...both(serving), ...both(alone, 4)])).toHaveLength(1);
    expect(told(both(alone, 4))).toEqual(["4: one-copy-left r0 one-copy-left, r1 one-copy-left"]);
  });
});

describe("copies that differ", () => {
  test("are told of when the comparison has ended, and whole again when they are the same", () => {
    const verifying = { r0: "VerifyS Primary UpToDate UpToDate differing" };
    const found = { r0: `${serving} differing` };
    const copied = { r0: "SyncSource Primary UpToDate Inconsistent differing" };
    expect(told([verifying, verifying, verifying, ...Array.from({ length: 5 }, () => found)])).toEqual([
      "10: copies-differ r0 copies-differ",
    ]);
    const mended = [copied, copied, copied, { r0: serving }, { r0: serving }, { r0: serving }];
    expect(told([found, found, found, ...mended]).at(-1)).toBe("16: whole-again r0 copies-differ, r0 one-copy-left");
  });

  test("are told of by how much, and with the command that explains it", () => {
    expect(detail("copies-differ", `${serving} differing`)).toBe(
      "8 KiB differ between the mirrors, as drbdadm verify found: kvm-mirror recover",
    );
  });

  test("are not told of while one copy is being filled, which counts them, too", () => {
    expect(told(both("SyncTarget Secondary Inconsistent UpToDate differing", 4))).toEqual([
      "4: one-copy-left r0 one-copy-left, r1 one-copy-left",
    ]);
  });
});

describe("slow writes", () => {
  const slow = `${serving} writes=500 disk=1`;
  const of = (state: string, looks: number): readonly Look[] => Array.from({ length: looks }, () => ({ r0: state }));

  test("are told of when they have lasted a minute, and are over after another one", () => {
    expect(told([...of(serving, 3), ...of(slow, 60), ...of(serving, 40)])).toEqual([
      "66: slow-writes r0 slow-writes",
      "186: whole-again r0 slow-writes",
    ]);
  });

  test("are told of once, however often they come and go, and until they are clearly over", () => {
    const fits = [...of(slow, 20), ...of(serving, 20)];
    expect(told([...of(slow, 40), ...fits, ...fits, ...fits])).toEqual(["60: slow-writes r0 slow-writes"]);
    expect(told([...of(slow, 40), ...of(`${serving} writes=60 disk=1`, 80)])).toHaveLength(1);
    expect(told([...of(slow, 40), ...of(`${serving} writes=40 disk=1`, 80)])).toHaveLength(2);
  });

  test.each([
    ["a minute that has its moments", [...of(slow, 20), ...of(serving, 1), ...of(slow, 20)]],
    ["writes of 90 ms", of(`${serving} writes=90 disk=90`, 60)],
    ["a disk that nobody waits for", of(`${serving} writes=5 disk=500`, 60)],
    ["a standby whose disk is filled", of("SyncTarget Secondary Inconsistent UpToDate first disk=500", 60)],
  ])("are none of %s", (_, looks) => {
    expect(told(looks)).toEqual([]);
  });

  test("of before the peer was lost are over, unless it is the disk here", () => {
    const kinds = (state: string) => told([...of(state, 60)]).map((line) => line.split(": ")[1]);
    expect(kinds(`${alone} writes=500 disk=1`)).toEqual(["one-copy-left r0 one-copy-left"]);
    expect(kinds(`${alone} writes=500 disk=400`)).toEqual(["one-copy-left r0 one-copy-left, r0 slow-writes"]);
    expect(kinds(`${alone} suspended frozen writes=500 disk=400`)).toHaveLength(1);
  });

  test.each([
    [
      `${serving} writes=500 disk=1`,
      "on the data disk here a write takes 1.0 ms: see the peer's, and the replication network",
    ],
    [`${serving} writes=500 disk=480`, "it is the data disk here: a write takes 480 ms"],
    [`${serving} writes=500 disk=150`, "a write takes 150 ms: see the peer's, and the replication network"],
    ["SyncSource Primary UpToDate Inconsistent writes=500 disk=1", "while the copies are synchronised or compared"],
    [`${whole} disk=480`, "the data disk here is slow, and clients of the peer wait for it: a write takes 480 ms"],
  ])("say whose fault it is: %s", (state, words) => {
    expect(detail("slow-writes", state)).toContain(words);
    expect(told(of(state, 60)).some((line) => line.includes("slow-writes"))).toBe(true);
  });
});

describe("whole again", () => {
  test("is told once, when all that was told is over for 4 s, and says what it was", () => {
    const half = { r0: serving, r1: alone };
    expect(told([...both(serving), ...both(alone, 3), half, half, half, half, ...both(serving, 9)])).toEqual([
      "6: one-copy-left r0 one-copy-left, r1 one-copy-left",
      "20: whole-again r0 one-copy-left, r1 one-copy-left",
    ]);
  });

  test("is not told while it flaps", () => {
    const flap = [...both(serving), ...both(alone)];
    expect(told([...both(alone, 3), ...flap, ...flap, ...flap])).toHaveLength(1);
  });

  test("waits for a volume that is down here", () => {
    const down = { r0: serving, r1: "Unconfigured" };
    expect(told([...both(alone, 3), down, down, down, down])).toHaveLength(1);
    expect(told([...both(alone, 3), down, down, ...both(serving, 3)])).toHaveLength(2);
  });
});
