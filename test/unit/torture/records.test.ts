import { describe, expect, it } from "vitest";
import { parseRecord } from "../../../torture/oracle/records.ts";
import { StallWatch } from "../../../torture/oracle/stall.ts";
import { randomFrom } from "../../../harness/random.ts";

describe("a line of the writer", () => {
  it("is read", () => {
    expect(
      ["h 7 4096", "i 0 5 1 10.5", "a 0 5 1 12", "e 2 5 1 12 5", "f 1 12 5", "p 1", "r 2", "s 3"].map((line) =>
        parseRecord(line),
      ),
    ).toEqual([
      { kind: "hello", run: 7, size: 4096 },
      { kind: "invoke", lane: 0, lba: 5, seq: 1, at: 10.5 },
      { kind: "ack", lane: 0, lba: 5, seq: 1, at: 12 },
      { kind: "error", lane: 2, lba: 5, seq: 1, at: 12, errno: 5 },
      { kind: "flush-error", lane: 1, at: 12, errno: 5 },
      { kind: "paused", at: 1 },
      { kind: "resumed", at: 2 },
      { kind: "stopped", at: 3 },
    ]);
  });

  it.each([
    "",
    "a",
    "a 0 5 1",
    "a 0 5 1 12 9",
    "a 0 5 x 12",
    "a 0 -5 1 12",
    "b 0 5 1 12",
    "aa 0 5 1 12",
    "a  0 5 1 12",
  ])("is refused: %j", (line) => {
    expect(() => parseRecord(line)).toThrow("is no record");
  });
});

describe("the stall", () => {
  const watch = (...lines: readonly string[]): StallWatch => {
    const stall = new StallWatch();
    for (const line of lines) line === "begin" ? stall.begin() : stall.add(parseRecord(line));
    return stall;
  };

  it("is the longest gap between acknowledgements, the one that is open at the kill counted from its beginning", () => {
    const stall = watch("a 0 1 1 1000", "begin", "a 0 1 2 4500", "a 0 1 3 4600", "a 0 1 4 5600");
    expect([stall.longest, stall.acks, stall.calm]).toEqual([3.5, 3, 1100]);
  });

  it("of earlier kills is forgotten", () =>
    expect(watch("a 0 1 1 0", "a 0 1 2 9000", "begin", "a 0 1 3 9100").longest).toBe(0.1));
  it("does not count a wanted pause", () =>
    expect(watch("a 0 1 1 0", "begin", "p 10", "r 5000", "a 0 1 2 5050").longest).toBe(0.05));
  it("is not over before something is acknowledged", () => expect(watch("a 0 1 1 0", "begin").calm).toBeNull());
});

describe("seeded numbers", () => {
  it("repeat themselves with the seed, and differ with it", () => {
    const draw = (seed: number): number[] => {
      const random = randomFrom(seed);
      return Array.from({ length: 5 }, () => random.below(1000));
    };
    expect(draw(5)).toEqual(draw(5));
    expect(draw(5)).not.toEqual(draw(6));
  });

  it("follow weights, and never pick what weighs nothing", () => {
    const random = randomFrom(1);
    const picks = Array.from(
      { length: 1000 },
      () =>
        random.pick(
          [
            ["a", 3],
            ["b", 1],
            ["c", 0],
          ] as const,
          ([, weight]) => weight,
        )[0],
    );
    expect(picks.filter((pick) => pick === "a").length).toBeGreaterThan(650);
    expect(picks).not.toContain("c");
    expect(() => random.pick([])).toThrow("nothing to pick from");
  });
});
