import type { Record } from "./records.ts";

/** Follows acknowledgements, and tells how long clients stood still. */
export class StallWatch {
  #last: number | null = null;
  #longest = 0;
  #longestEnd: number | null = null;
  #acks = 0;

  /** From now on: gaps are measured anew, the one that is open counts from its beginning. */
  begin(): void {
    this.#longest = 0;
    this.#longestEnd = null;
    this.#acks = 0;
  }

  add(record: Record): void {
    // A pause is wanted rest: no gap, and no calm either.
    if (record.kind === "resumed" && this.#longestEnd !== null && this.#last !== null)
      this.#longestEnd += record.at - this.#last;
    if (record.kind === "resumed" || record.kind === "hello") this.#last = record.kind === "resumed" ? record.at : null;
    if (record.kind !== "ack") return;
    const gap = this.#last === null ? 0 : record.at - this.#last;
    if (gap > this.#longest) {
      this.#longest = gap;
      this.#longestEnd = record.at;
    }
    this.#last = record.at;
    this.#acks += 1;
  }

  /** Acknowledgements since `begin`. */
  get acks(): number {
    return this.#acks;
  }

  /** Longest gap between acknowledgements since `begin`, in seconds of the guest's clock. */
  get longest(): number {
    return this.#longest / 1000;
  }

  /**
   * Acknowledged milliseconds since the end of the longest gap; null: nothing
   * was acknowledged. Long enough, and the stall is over.
   */
  get calm(): number | null {
    return this.#longestEnd === null || this.#last === null ? null : this.#last - this.#longestEnd;
  }
}
