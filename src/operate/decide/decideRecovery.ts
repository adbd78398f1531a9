import { givenUpPhrase } from "./decideNewest.ts";
import { type Copy, type Diagnosis, hasDisk } from "./diagnoseVolume.ts";
import { youTyped } from "./youTyped.ts";

/** One thing to do on a mirror, in this order. */
export type RecoveryStep =
  | {
      readonly kind: "stop group" | "set aside" | "new metadata" | "discard and connect" | "connect";
      readonly mirror: string;
    }
  | { readonly kind: "see them connected" };

export interface RecoveryWords {
  /** Mirror whose data stays. */
  readonly keep?: string | undefined;
  readonly confirm?: string | undefined;
  readonly withoutCopy: boolean;
}

/** What an operator types to have one side's writes thrown away. */
export function discardPhrase(volume: string, mirror: string): string {
  return `discard what ${mirror} wrote to ${volume}`;
}

/**
 * What mends a volume, and nothing when there is nothing to do or the operator has not said which side to keep.
 * @throws saying why it may not be done
 */
export function decideRecovery(
  volume: string,
  copies: readonly [Copy, Copy],
  diagnosis: Diagnosis,
  words: RecoveryWords,
): readonly RecoveryStep[] {
  if (words.keep !== undefined && !copies.some(({ mirror }) => mirror === words.keep))
    throw new Error(`volume ${volume} is on ${copies.map(({ mirror }) => mirror).join(" and ")}, not on ${words.keep}`);
  switch (diagnosis.kind) {
    case "apart":
      if (words.keep !== undefined && diagnosis.newer !== undefined && diagnosis.newer !== words.keep)
        throw new Error(
          `this is no split brain: ${diagnosis.newer} has everything that ` +
            `${words.keep} has, and newer writes. They are not thrown away`,
        );
      return [
        ...endStale(volume, copies, diagnosis.newer, words.keep),
        ...copies.map(({ mirror }) => ({ kind: "connect" as const, mirror })),
        { kind: "see them connected" },
      ];
    case "split":
      return words.keep === undefined ? [] : mendSplit(volume, copies, words.keep, words);
    case "differs":
      return words.keep === undefined ? [] : mendDifferences(volume, copies, words.keep, words);
    case "down":
      return words.keep === undefined ? [] : replaceDisk(volume, copies, words.keep, words.confirm);
    case "unrelated":
      throw new Error(`volume ${volume}: the copies have no common past; nothing is connected`);
    default:
      return [];
  }
}

/** The copy that is kept, then the other one. */
const keptFirst = ([first, second]: readonly [Copy, Copy], keep: string): readonly [Copy, Copy] =>
  first.mirror === keep ? [first, second] : [second, first];

/**
 * DRBD copies nothing over a Primary: one that lacks what the other has must
 * stop serving first, and that is for the operator to say. A Primary whose own disk is Inconsistent works on the other
 * copy anyway, and stands still while it cannot: it only connects (drbd_sync_handshake in drbd_receiver.c).
 */
function endStale(
  volume: string,
  copies: readonly [Copy, Copy],
  newer: string | undefined,
  keep: string | undefined,
): readonly RecoveryStep[] {
  const stale =
    newer === undefined
      ? undefined
      : copies.find(({ mirror, role, disk }) => mirror !== newer && role === "Primary" && disk !== "Inconsistent");
  if (!stale || newer === undefined) return [];
  if (keep !== newer)
    throw new Error(
      `volume ${volume} is Primary on ${stale.mirror}, whose data is older than ` +
        `that of ${newer}: DRBD copies nothing over a Primary. ` +
        `To have ${stale.mirror} stop serving its group and follow: kvm-mirror recover ${volume} --keep ${newer}`,
    );
  return [{ kind: "stop group", mirror: stale.mirror }];
}

function mendSplit(
  volume: string,
  copies: readonly [Copy, Copy],
  keep: string,
  { confirm, withoutCopy }: RecoveryWords,
): readonly RecoveryStep[] {
  const [kept, lost] = keptFirst(copies, keep);
  if (kept.disk !== "UpToDate" && kept.disk !== "Consistent" && kept.disk !== "Outdated")
    throw new Error(`volume ${volume}: the disk of ${keep} is ${kept.disk}; it cannot be what is kept`);
  // Its file system would find older data under itself.
  if (lost.users.length > 0)
    throw new Error(
      `volume ${volume} is open on ${lost.mirror} by ${lost.users.join(", ")}: shut down those clients ` +
        `first; a client that went on with ${keep}'s data would ruin its file system`,
    );
  const phrase = discardPhrase(volume, lost.mirror);
  if (confirm !== phrase)
    throw new Error(
      `what ${lost.mirror} wrote since the split would be lost; say so with --confirm ` +
        `"${phrase}"${youTyped(confirm)}`,
    );
  return [
    ...(lost.role === "Primary" ? [{ kind: "stop group" as const, mirror: lost.mirror }] : []),
    ...(withoutCopy ? [] : [{ kind: "set aside" as const, mirror: lost.mirror }]),
    { kind: "discard and connect", mirror: lost.mirror },
    { kind: "connect", mirror: keep },
    { kind: "see them connected" },
  ];
}

/** The script on the mirror sees for itself that its disk is empty; here, that the data are elsewhere. */
function replaceDisk(
  volume: string,
  copies: readonly [Copy, Copy],
  keep: string,
  confirm: string | undefined,
): readonly RecoveryStep[] {
  const [kept, lost] = keptFirst(copies, keep);
  if (hasDisk(lost))
    throw new Error(`volume ${volume}: ${lost.mirror} has its disk in use (${lost.disk}); nothing is made anew there`);
  if (kept.disk !== "UpToDate")
    throw new Error(
      `volume ${volume}: the disk of ${keep} is ${kept.disk}: it cannot be what a new disk is copied from`,
    );
  // DRBD 8.4 calls the copy that is left UpToDate as soon as it meets a peer without a disk, whatever it lacks.
  const phrase = lost.alone === undefined ? undefined : givenUpPhrase(lost.mirror, lost.alone);
  if (phrase !== undefined && confirm !== phrase)
    throw new Error(
      `volume ${volume}: ${lost.mirror} went on alone at ${lost.alone}, and may have acknowledged writes since then: ` +
        `only the disk that it has lost holds them. If that disk is lost for good: --confirm "${phrase}"` +
        youTyped(confirm),
    );
  return [{ kind: "new metadata", mirror: lost.mirror }, { kind: "see them connected" }];
}

function mendDifferences(
  volume: string,
  copies: readonly [Copy, Copy],
  keep: string,
  { withoutCopy }: RecoveryWords,
): readonly RecoveryStep[] {
  const [kept, lost] = keptFirst(copies, keep);
  // Only a Primary that goes on alone makes DRBD count its blocks as the newer ones.
  if (kept.role !== "Primary")
    throw new Error(
      `volume ${volume}: clients read the blocks of the Primary, and ${keep} is ` +
        `${kept.role}; switch to it first (kvm-mirror switch ${volume} --to ${keep})`,
    );
  if (withoutCopy)
    throw new Error("differences that verify found are always copied first: --without-copy is for a split brain");
  return [
    { kind: "set aside", mirror: lost.mirror },
    { kind: "connect", mirror: lost.mirror },
    { kind: "see them connected" },
  ];
}
