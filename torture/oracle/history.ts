import type { Record } from "./records.ts";

/** What the oracle knows of one block of the disk. */
interface BlockHistory {
  readonly lane: number;
  /** Sequence numbers of writes that began and that the disk may show: the floor itself and later ones. */
  invoked: number[];
  /** The last acknowledged write; null: none was. */
  acked: number | null;
  /** The latest write that a read-back has shown; null: none has. */
  observed: number | null;
}

/** What may stand in a block. */
export interface Legal {
  /** The last acknowledged write. */
  readonly acked: number | null;
  /**
   * What was acknowledged or already seen: nothing older may ever be read again.
   * Null: the block may still be what it was before the run.
   */
  readonly floor: number | null;
  /** Writes that may be read: the floor's and later ones that began. */
  readonly invoked: readonly number[];
  readonly lane: number | null;
}

const untouched: Legal = { acked: null, floor: null, invoked: [], lane: null };

/**
 * The writer's story, block by block. Writes to one block come one after the
 * other, from one thread, with rising sequence numbers.
 */
export class History {
  readonly #blocks = new Map<number, BlockHistory>();
  /** Writes that were acknowledged. */
  acknowledged = 0;
  /** Writes and flushes that the guest was told have failed. */
  errors = 0;

  /** @throws when the record contradicts those before it: then nothing that follows would be known for sure. */
  add(record: Record): void {
    if (record.kind === "invoke") this.#invoke(record);
    else if (record.kind === "ack") this.#acknowledge(record);
    // A failed write stays among those that began: it may be on the disk, now or
    // later. Only a write acknowledged after it rules it out.
    else if (record.kind === "error" || record.kind === "flush-error") this.errors += 1;
  }

  legal(lba: number): Legal {
    const block = this.#blocks.get(lba);
    if (!block) return untouched;
    return { acked: block.acked, floor: floorOf(block), invoked: block.invoked, lane: block.lane };
  }

  /** A read-back has shown this write: what is older must not come back. @throws when it may not stand there at all. */
  observe(lba: number, seq: number): void {
    const block = this.#blocks.get(lba);
    if (!block?.invoked.includes(seq))
      throw new Error(`block ${lba}: write ${seq} may not be there, so it cannot be taken for the newest`);
    block.observed = seq;
    this.#prune(block);
  }

  #invoke({ lane, lba, seq }: { lane: number; lba: number; seq: number }): void {
    const block = this.#blocks.get(lba) ?? { lane, invoked: [], acked: null, observed: null };
    const last = block.invoked.at(-1);
    if (block.lane !== lane) throw new Error(`block ${lba} is written by lanes ${block.lane} and ${lane}`);
    if (last !== undefined && seq <= last) throw new Error(`block ${lba}: write ${seq} begins after write ${last}`);
    block.invoked.push(seq);
    this.#blocks.set(lba, block);
  }

  #acknowledge({ lba, seq }: { lba: number; seq: number }): void {
    const block = this.#blocks.get(lba);
    // A flush acknowledges all that it covers, in order: the earlier of two writes to a block as well.
    if (block === undefined || !block.invoked.includes(seq))
      throw new Error(
        `block ${lba}: write ${seq} is acknowledged and never began, or an acknowledged write follows it`,
      );
    block.acked = seq;
    this.acknowledged += 1;
    this.#prune(block);
  }

  #prune(block: BlockHistory): void {
    const floor = floorOf(block) as number;
    // The acknowledged one stays, even when something newer was seen: its own acknowledgement may come after that.
    block.invoked = block.invoked.filter((seq) => seq >= Math.min(floor, block.acked ?? 0));
  }
}

function floorOf({ acked, observed }: BlockHistory): number | null {
  if (acked === null || observed === null) return acked ?? observed;
  return Math.max(acked, observed);
}
