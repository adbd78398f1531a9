import { describe, expect, it } from "vitest";
import { controlNamed, controls } from "../../../torture/controls/controls.ts";
import { drawFault, faults, faultsOf } from "../../../torture/faults/faults.ts";
import { parseOptions } from "../../../torture/options.ts";
import { randomFrom } from "../../../harness/random.ts";
import { drawInTurn, drawSequence, sequences } from "../../../torture/sequences/sequences.ts";
import type { Situation } from "../../../torture/situation.ts";

const situation = {
  primary: "mirror-a",
  standby: "mirror-b",
  primaryHost: "kvm-a",
  standbyHost: "kvm-b",
  client: { name: "app-1", host: "kvm-a", hosts: ["kvm-a", "kvm-b"], managed: true },
  volume: { name: "r0" },
} as unknown as Situation;
const now = new Date("2026-11-21T06:00:00Z");

describe("which kill comes next", () => {
  const draw = (seed: number): readonly string[] => {
    const random = randomFrom(seed);
    return Array.from({ length: 200 }, () => drawFault(random, faults, situation).kind);
  };

  it("follows from the seed", () => {
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it("is each kind that is possible, and none that is not", () => {
    expect(new Set(draw(1))).toEqual(
      new Set(faults.map(({ kind }) => kind).filter((kind) => kind !== "cut-client" && kind !== "kill-host")),
    );
    for (const kind of ["cut-client", "kill-host"])
      expect(drawFault(randomFrom(1), faultsOf([kind]), { ...situation, primaryHost: "kvm-b" }).kind).toBe(kind);
    expect(() => drawFault(randomFrom(1), faultsOf(["cut-client"]), situation)).toThrow(
      "none of cut-client is possible while mirror-a is primary",
    );
  });

  it("migrates no client that has one KVM host, or that the stack has not made", () => {
    for (const client of [{ hosts: ["kvm-a"] }, { managed: false }])
      expect(() =>
        drawFault(randomFrom(1), faultsOf(["migrate-live"]), {
          ...situation,
          client: { ...situation.client, ...client },
        }),
      ).toThrow("none of migrate-live is possible");
  });

  it("takes no disk from under a logical volume, which would not find it again", () => {
    const onLvm = { ...situation, volume: { ...situation.volume, backing: "lvm" as const } };
    expect(() => drawFault(randomFrom(1), faultsOf(["last-disk"]), onLvm)).toThrow("none of last-disk is possible");
    expect(drawFault(randomFrom(1), faultsOf(["last-disk"]), situation).kind).toBe("last-disk");
  });

  it("is among the kinds that were named", () => {
    expect(faultsOf(["switch", "destroy"]).map(({ kind }) => kind)).toEqual(["destroy", "switch"]);
    expect(() => faultsOf(["destroy", "flood"])).toThrow("no kind of kill: flood; there are destroy,");
  });
});

describe("which sequence comes next", () => {
  it("is one that makes sense in the mode, by its weight", () => {
    const drawn = (mode: "manual" | "automatic"): ReadonlySet<string> => {
      const random = randomFrom(1);
      return new Set(Array.from({ length: 300 }, () => drawSequence(random, sequences, mode).kind));
    };
    for (const mode of ["manual", "automatic"] as const)
      expect(drawn(mode)).toEqual(
        new Set(sequences.filter(({ modes }) => modes.includes(mode)).map(({ kind }) => kind)),
      );
    expect(new Set(sequences.map(({ kind }) => kind)).size).toBe(sequences.length);
    for (const sequence of sequences) {
      for (const mode of sequence.modes) {
        const { faults: named, steps } = sequence.plan({ situation, mode, random: randomFrom(1) });
        expect([sequence.kind, named.length > 1, steps.length > 0]).toEqual([sequence.kind, true, true]);
      }
    }
    expect(() => drawSequence(randomFrom(1), [], "manual")).toThrow("makes sense in manual mode");
  });

  it("is none that was drawn before every other one was", () => {
    const possible = sequences.filter(({ modes }) => modes.includes("automatic")).map(({ kind }) => kind);
    const draw = drawInTurn(randomFrom(7), sequences, "automatic");
    const round = (): readonly string[] => possible.map(() => draw().kind);
    const rounds = [round(), round()];
    for (const kinds of rounds) expect(kinds.toSorted()).toEqual(possible.toSorted());
    expect(rounds[0]).not.toEqual(rounds[1]);
    expect(() => drawInTurn(randomFrom(1), [], "manual")()).toThrow("makes sense in manual mode");
  });
});

describe("options", () => {
  it("have defaults, and a seed that is printed when none was given", () => {
    expect(parseOptions([], now, () => "lab")).toEqual({
      kills: 5,
      sequences: false,
      seed: 1795240800 % 2 ** 31,
      mode: undefined,
      protocol: "nbd",
      stack: "lab",
      prefix: "kvm",
      client: undefined,
      kinds: [],
      control: undefined,
      blocks: 512,
      out: "torture-lab-nbd-1795240800.json",
    });
  });

  it.each([
    [["--kills", "0"], "--kills is a whole number, at least 1, not 0"],
    [["--kills", "3x"], "--kills is a whole number"],
    [["--sequences", "0"], "--sequences is a whole number, at least 1, not 0"],
    [["--sequences", "1", "--kills", "1"], "--sequences stands alone"],
    [["--sequences", "1", "--kinds", "destroy"], "no kind of sequence: destroy; there are cut-then-destroy,"],
    [["--protocol", "nfs"], "--protocol is nbd or iscsi, not nfs"],
    [["--mode", "auto"], "--mode is manual or automatic, not auto"],
    [["--kinds", "flood"], "no kind of kill: flood"],
    [["--kill", "3"], "usage: npm run torture"],
    [["5"], "usage: npm run torture"],
  ])("are refused: %j", (args, message) => expect(() => parseOptions(args, now, () => "lab")).toThrow(message));
});

describe("negative controls", () => {
  it("are found by name, for their protocols", () => {
    expect(controls.map(({ name }) => name)).toEqual([
      "nbd-no-sync",
      "tgt-write-cache",
      "protocol-a",
      "stale-forced",
      "fencing-dont-care",
      "io-error",
      "old-handler",
    ]);
    for (const { name, fault, sequence } of controls)
      expect([name, [fault, sequence].filter((one) => one !== undefined).length]).toEqual([name, 1]);
    expect(controlNamed("protocol-a", "iscsi").name).toBe("protocol-a");
    expect(() => controlNamed("nbd-no-sync", "iscsi")).toThrow("control nbd-no-sync is for nbd, not iscsi");
    expect(() => controlNamed("x", "nbd")).toThrow("no control x; there are nbd-no-sync");
  });
});
