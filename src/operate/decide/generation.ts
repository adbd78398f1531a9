/**
 * DRBD's generation identifiers of one copy of a volume (drbdmeta(8), get-gi):
 * which state of the data it is, and which it came from.
 */
export interface Generation {
  readonly current: bigint;
  /** The state from which this copy has gone on alone since; 0 while it has not. */
  readonly bitmap: bigint;
  readonly history: readonly bigint[];
}

/** How two copies of a volume are related. `same`: nothing was written on one side alone; `split`: on both. */
export type Relation = "same" | "first newer" | "second newer" | "split" | "unrelated";

/**
 * Reads a line of `drbdadm get-gi`.
 * @throws when it is none
 */
export function parseGeneration(line: string): Generation {
  const match = /^([0-9A-F]{16}):([0-9A-F]{16}):([0-9A-F]{16}):([0-9A-F]{16}):/.exec(line);
  if (!match) throw new Error(`expected the output of drbdadm get-gi, got: ${line}`);
  // The lowest bit says whether the copy was Primary, and is no part of the identity.
  const [current = 0n, bitmap = 0n, ...history] = match.slice(1).map((digits) => BigInt(`0x${digits}`) & ~1n);
  return { current, bitmap, history };
}

/**
 * The rules by which DRBD 8.4 itself decides when the mirrors meet (drbd_uuid_compare
 * in drbd_receiver.c), without its repairs after lost messages.
 */
export function relate(first: Generation, second: Generation): Relation {
  const fresh = 4n; // UUID_JUST_CREATED
  if (first.current === fresh && second.current === fresh) return "same";
  if (first.current === fresh) return "second newer";
  if (second.current === fresh) return "first newer";
  if (first.current === second.current) return "same";
  if (first.current === second.bitmap || second.history.includes(first.current)) return "second newer";
  if (second.current === first.bitmap || first.history.includes(second.current)) return "first newer";
  const known = (one: Generation): readonly bigint[] =>
    [one.bitmap, ...one.history].filter((identity) => identity !== 0n);
  return known(first).some((identity) => known(second).includes(identity)) ? "split" : "unrelated";
}
