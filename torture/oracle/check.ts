import type { Violation } from "../report/report.ts";
import { type BlockContent, blockSize, decodeBlock } from "./block.ts";
import type { History, Legal } from "./history.ts";

export interface Checked {
  /** Blocks compared. */
  readonly blocks: number;
  readonly violations: readonly Violation[];
}

/**
 * Compares the disk with the writer's story, at a moment when no write is under way. Legal
 * is, per block, the last acknowledged write or one that began later;
 * what a read-back has once shown must not become older either. Kinds of violation:
 * - lost: an acknowledged write is not there; something older is, or something of no writer
 * - flipped-back: no acknowledged write is lost, but an earlier read-back had shown a later write
 * - torn: a mixture of contents, or damaged
 * - misplaced: a whole block that belongs elsewhere
 * - never-written: a write that never began
 *
 * @param image the disk from block `first` on; every block is compared
 * @throws when the image does not end with a whole block, or is empty
 */
export function checkImage(history: History, run: number, first: number, image: Buffer): Checked {
  if (image.length === 0 || image.length % blockSize !== 0)
    throw new Error(`the read-back has ${image.length} bytes: no whole number of blocks`);
  const violations: Violation[] = [];
  const seen: { lba: number; seq: number }[] = [];
  const blocks = image.length / blockSize;
  for (let index = 0; index < blocks; index++) {
    const lba = first + index;
    const content = decodeBlock(image.subarray(index * blockSize, (index + 1) * blockSize));
    const violation = judgeBlock(history.legal(lba), run, lba, content);
    if (violation) violations.push(violation);
    else if (content.kind === "whole" && content.run === run) seen.push({ lba, seq: content.seq });
  }
  for (const { lba, seq } of seen) history.observe(lba, seq);
  return { blocks, violations };
}

/** The violation that a content of a block is; undefined when it is legal. */
export function judgeBlock(legal: Legal, run: number, lba: number, content: BlockContent): Violation | undefined {
  const must =
    legal.floor === null
      ? "nothing was acknowledged"
      : `write ${legal.floor} was ${legal.floor === legal.acked ? "acknowledged" : "read earlier"}`;
  const violation = (kind: string, found: string): Violation => ({
    kind,
    lba,
    detail: `${laneName(legal.lane)}${must}; found ${found}`,
  });
  const whole = content.kind === "whole" ? content : undefined;
  // Before its first write, a block may hold anything: an earlier run's blocks, or what was there before.
  if (legal.invoked.length === 0 && !(whole?.run === run)) return undefined;
  if (content.kind === "torn") return violation("torn", "a mixture of contents");
  if (whole === undefined || whole.run !== run) {
    if (legal.floor === null) return undefined;
    return violation("lost", whole ? `write ${whole.seq} of run ${whole.run}` : "nothing of the writer");
  }
  if (whole.lba !== lba || (legal.lane !== null && whole.lane !== legal.lane))
    return violation("misplaced", `the block of lane ${whole.lane}, block ${whole.lba}, write ${whole.seq}`);
  const found = `write ${whole.seq}`;
  if (legal.floor !== null && whole.seq < legal.floor)
    return violation(legal.acked !== null && whole.seq < legal.acked ? "lost" : "flipped-back", found);
  if (!legal.invoked.includes(whole.seq)) return violation("never-written", found);
  return undefined;
}

const laneName = (lane: number | null): string => (lane === null ? "" : `lane ${["A", "B", "C"][lane] ?? lane}: `);
