/**
 * The checker against a simulated disk: a copy with a volatile cache, writers, kills and
 * failovers at random. A disk that keeps its promise is never blamed;
 * a disk with one fault is blamed exactly where a second, simpler judgement (the whole
 * story of the block, kept as a list) says that the content is illegal.
 */
import { describe, expect, it } from "vitest";
import { checkImage } from "../../../torture/oracle/check.ts";
import { History } from "../../../torture/oracle/history.ts";
import type { Random } from "../../../harness/random.ts";
import { randomFrom } from "../../../harness/random.ts";
import { mixture, run, written, zeros } from "./disk.ts";

const blocks = 8;

interface Story {
  readonly history: History;
  /** Every block's writes in order: 0 is what was there before. */
  readonly writes: { seq: number; acked: boolean }[][];
  readonly disk: Buffer[];
  readonly shown: number[];
}

/**
 * What an honest disk shows after random writes: each unacknowledged one
 * has arrived or not, and arrives, perhaps, later.
 */
function play(random: Random, { history, writes, disk }: Story, steps: number, seq: { next: number }): void {
  for (let step = 0; step < steps; step++) {
    const lba = random.below(blocks);
    const write = { seq: seq.next++, acked: random.next() < 0.7 };
    history.add({ kind: "invoke", lane: 0, lba, seq: write.seq, at: 0 });
    if (write.acked) history.add({ kind: "ack", lane: 0, lba, seq: write.seq, at: 0 });
    else history.add({ kind: "error", lane: 0, lba, seq: write.seq, at: 0, errno: 5 });
    writes[lba]?.push(write);
    if (write.acked || random.next() < 0.5) disk[lba] = written(lba, write.seq);
  }
}

function begin(): Story {
  return {
    history: new History(),
    writes: Array.from({ length: blocks }, () => []),
    disk: Array.from({ length: blocks }, () => zeros),
    shown: Array.from({ length: blocks }, () => 0),
  };
}

/**
 * By the definition alone: no write that is there to be read may be older than the last acknowledged or the last shown.
 */
function isLegal(story: Story, lba: number, seq: number): boolean {
  const writes = story.writes[lba] ?? [];
  const floor = Math.max(0, story.shown[lba] ?? 0, ...writes.filter((write) => write.acked).map((write) => write.seq));
  return seq === 0 ? floor === 0 : seq >= floor && writes.some((write) => write.seq === seq);
}

describe("random stories", { timeout: 60_000 }, () => {
  it("of an honest disk: nobody is blamed, read-back after read-back", () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = randomFrom(seed);
      const story = begin();
      const seq = { next: 1 };
      for (let round = 0; round < 4; round++) {
        play(random, story, 1 + random.below(30), seq);
        expect(checkImage(story.history, run, 0, Buffer.concat(story.disk)).violations, `seed ${seed}`).toEqual([]);
      }
    }
  });

  it("of a disk with one fault: blamed there, and nowhere else, when and only when its content is illegal", () => {
    const kinds = new Map<string, number>();
    for (let seed = 0; seed < 1000; seed++) {
      const random = randomFrom(seed);
      const story = begin();
      const seq = { next: 1 };
      play(random, story, 10 + random.below(30), seq);
      if (random.next() < 0.5) {
        checkImage(story.history, run, 0, Buffer.concat(story.disk));
        for (let lba = 0; lba < blocks; lba++)
          story.shown[lba] = Number(story.disk[lba]?.equals(zeros) ? 0n : story.disk[lba]?.readBigUInt64LE(32));
        play(random, story, random.below(10), seq);
      }
      const lba = random.below(blocks);
      const choices = story.writes[lba] ?? [];
      // Half of the time what was acknowledged last: legal, but when something newer was shown.
      const lastAcked = choices.findLast((write) => write.acked)?.seq ?? 0;
      const old = random.next() < 0.5 ? lastAcked : random.pick([0, ...choices.map((write) => write.seq)]);
      const fault = random.pick(["older", "mixture", "elsewhere", "future"]);
      const present = story.disk[lba] as Buffer;
      const past = old === 0 ? zeros : written(lba, old);
      if (fault === "older") story.disk[lba] = past;
      else if (fault === "mixture")
        story.disk[lba] = present.equals(zeros) ? mixture(past, present) : mixture(present, past);
      else if (fault === "elsewhere") story.disk[lba] = written((lba + 1) % blocks, seq.next - 1);
      else story.disk[lba] = written(lba, seq.next);
      const content = story.disk[lba] as Buffer;
      const wholeSeq = content.equals(zeros)
        ? 0
        : [...choices.map((write) => write.seq)].find((candidate) => content.equals(written(lba, candidate)));
      // A block that was never written may hold what it likes, but for a whole block of this run.
      const harmless = choices.length === 0 && (fault === "mixture" || fault === "older");
      const legal = harmless || (wholeSeq !== undefined && isLegal(story, lba, wholeSeq));
      const { violations } = checkImage(story.history, run, 0, Buffer.concat(story.disk));
      expect(
        violations.map((violation) => violation.lba),
        `seed ${seed}, ${fault} in block ${lba}`,
      ).toEqual(legal ? [] : [lba]);
      for (const { kind } of violations) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    // The stories have met every kind of violation, and often.
    expect(
      [...kinds]
        .filter(([, count]) => count >= 5)
        .map(([kind]) => kind)
        .sort(),
    ).toEqual(["flipped-back", "lost", "misplaced", "never-written", "torn"]);
  });
});
