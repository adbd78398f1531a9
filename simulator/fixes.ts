/**
 * What keeps a fault of the past from coming back; each can be taken out, and the
 * simulator must then find the fault (test/unit/simulator/faults.test.ts).
 */
export interface Fixes {
  /** `failover` weighs marks, generations and the time of the loss before it gives up a mirror. */
  readonly evidence: boolean;
  /** A Primary that loses its peer stands still until the peer is outdated or a mark is left, and keeps asking. */
  readonly marks: boolean;
  /**
   * A Primary without any data stands still; without it, it returns EIO,
   * and nbd-server acknowledges from its page cache.
   */
  readonly suspendIo: boolean;
  /** A host loses its admission only when the client is off there, also when it has no session just now. */
  readonly askHosts: boolean;
  /** A volume that had its first synchronisation gets no second forced one. */
  readonly oneFirstSync: boolean;
  /** Fencing removes a saved memory image, and a saved mirror does not count as off. */
  readonly savedIsOn: boolean;
  /** A Primary that goes on without its peer leaves its mark also where the peer knows that it is outdated. */
  readonly markWhenTold: boolean;
  /** A mirror that was migrated away does not count as off, though its own host has no process of it. */
  readonly movedIsOn: boolean;
  /** Nor does one whose peer has heard it after the last sign of life that its own host has of it, or that answers. */
  readonly signOfLife: boolean;
  /** A copy that was rolled back to its snapshot is copied as a whole: its peer forgot what it had copied before. */
  readonly wholeAfterRollBack: boolean;
}

export const allFixes: Fixes = {
  evidence: true,
  marks: true,
  suspendIo: true,
  askHosts: true,
  oneFirstSync: true,
  savedIsOn: true,
  markWhenTold: true,
  movedIsOn: true,
  signOfLife: true,
  wholeAfterRollBack: true,
};

/** All but some. @throws when there is no such fix */
export function fixesWithout(names: readonly string[]): Fixes {
  for (const name of names)
    if (!(name in allFixes)) throw new Error(`there is no fix ${name}; there are: ${Object.keys(allFixes).join(", ")}`);
  return { ...allFixes, ...Object.fromEntries(names.map((name) => [name, false])) };
}
