import { blockSize, encodeBlock } from "../../../torture/oracle/block.ts";
import { History } from "../../../torture/oracle/history.ts";
import { parseRecord } from "../../../torture/oracle/records.ts";

export const run = 77;

/** A history of lines of the writer without their times. */
export function historyOf(...lines: readonly string[]): History {
  const history = new History();
  for (const line of lines) history.add(parseRecord(line.startsWith("e") ? `${line} 0 5` : `${line} 0`));
  return history;
}

/** The block of lane A, as `run` wrote it. */
export function written(lba: number, seq: number, change: { run?: number; lane?: number } = {}): Buffer {
  return encodeBlock({ run, lane: 0, lba, seq, ...change });
}

/** The first 512 bytes of one block, the rest of another. */
export function mixture(front: Buffer, back: Buffer): Buffer {
  return Buffer.concat([front.subarray(0, 512), back.subarray(512)]);
}

export const zeros = Buffer.alloc(blockSize);
