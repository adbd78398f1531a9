import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** Bytes of a block. */
export const blockSize = 4096;
const headerSize = 40;
const magic = "KVMMIRR1";

/** Who wrote a block, and when: all that its content follows from. */
export interface BlockId {
  readonly run: number;
  readonly lane: number;
  readonly lba: number;
  /** Position in the order in which its thread wrote. */
  readonly seq: number;
}

/**
 * What 4 KiB of the disk are:
 * - whole: exactly what the writer makes of this identity, to the last bit
 * - torn: begins like a block of the writer, but is not one: a mixture, or damaged
 * - foreign: nothing that the writer wrote
 */
export type BlockContent =
  | ({ readonly kind: "whole" } & BlockId)
  | { readonly kind: "torn" }
  | { readonly kind: "foreign" };

/**
 * The block that the writer makes (guest/writer.py: little-endian magic, run,
 * lane, 0, LBA, seq, CRC-32, 0, SHAKE-128 of the first 40 bytes).
 */
export function encodeBlock({ run, lane, lba, seq }: BlockId): Buffer {
  const block = Buffer.alloc(blockSize);
  block.write(magic, 0, "latin1");
  block.writeBigUInt64LE(BigInt(run), 8);
  block.writeUInt32LE(lane, 16);
  block.writeBigUInt64LE(BigInt(lba), 24);
  block.writeBigUInt64LE(BigInt(seq), 32);
  const fill = createHash("shake128", { outputLength: blockSize - headerSize - 8 })
    .update(block.subarray(0, headerSize))
    .digest();
  fill.copy(block, headerSize + 8);
  block.writeUInt32LE(crc32(fill, crc32(block.subarray(0, headerSize))), headerSize);
  return block;
}

/** @throws when the bytes are not one block long. */
export function decodeBlock(bytes: Buffer): BlockContent {
  if (bytes.length !== blockSize) throw new Error(`a block has ${blockSize} bytes, not ${bytes.length}`);
  if (bytes.toString("latin1", 0, magic.length) !== magic) return { kind: "foreign" };
  const [run, lba, seq] = [8, 24, 32].map((offset) => Number(bytes.readBigUInt64LE(offset))) as [
    number,
    number,
    number,
  ];
  const id = { run, lane: bytes.readUInt32LE(16), lba, seq };
  if (![run, lba, seq].every(Number.isSafeInteger) || !encodeBlock(id).equals(bytes)) return { kind: "torn" };
  return { kind: "whole", ...id };
}
