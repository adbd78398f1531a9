import type { Generation, Relation } from "./generation.ts";
import { relate } from "./generation.ts";
import type { MirrorState } from "../observe/states.ts";

/** One mirror's copy of a volume. */
export interface Copy
  extends Pick<
    MirrorState["volumes"][number],
    "connection" | "role" | "disk" | "peerDisk" | "syncPercent" | "outOfSyncKiB"
  > {
  readonly mirror: string;
  /** Missing where there is none to be read: the volume is not up there, or has no disk. */
  readonly generation?: Generation;
  /** Since when it has gone on alone: its mark, as `timeOf` writes it. Missing: it has not. */
  readonly alone?: string;
  /** Addresses of those who have it open there. */
  readonly users: readonly string[];
}

/**
 * What is the matter with a volume.
 * - `whole`, `copying`: nothing to do but wait
 * - `waiting`: both look for each other, nothing stands between their data
 * - `down`: a copy has no disk, or the volume is not up there
 * - `apart`: they no longer look for each other, and DRBD knows whose
 *   data is newer (`newer`, none when they are the same)
 * - `split`: both were written while apart
 * - `unrelated`: they have no common past
 * - `differs`: connected and UpToDate, yet `drbdadm verify` found blocks that differ
 */
export type Diagnosis =
  | { readonly kind: "whole" | "copying" | "split" | "unrelated" | "differs" }
  | { readonly kind: "down"; readonly mirror: string }
  | { readonly kind: "apart" | "waiting"; readonly newer?: string };

/** Connection states in which DRBD copies or compares, or is about to. */
const busy = /^(StartingSync|WFBitMap|WFSyncUUID|Sync|PausedSync|Verify|Ahead|Behind)/;

/** Whether a mirror has the volume's disk in use. */
export const hasDisk = ({ connection, disk }: Pick<Copy, "connection" | "disk">): boolean =>
  connection !== "Unconfigured" && disk !== "Diskless" && disk !== "Failed";

export function diagnoseVolume(first: Copy, second: Copy): Diagnosis {
  for (const copy of [first, second]) {
    if (!hasDisk(copy)) return { kind: "down", mirror: copy.mirror };
  }
  if ([first, second].some(({ connection }) => busy.test(connection))) return { kind: "copying" };
  if (first.connection === "Connected" && second.connection === "Connected") {
    return { kind: Math.max(first.outOfSyncKiB, second.outOfSyncKiB) > 0 ? "differs" : "whole" };
  }
  const relation = relationOf(first, second);
  if (relation === "split" || relation === "unrelated") return { kind: relation };
  const kind = [first, second].some(({ connection }) => connection === "StandAlone") ? "apart" : "waiting";
  if (relation === "same") return { kind };
  return { kind, newer: (relation === "first newer" ? first : second).mirror };
}

function relationOf(first: Copy, second: Copy): Relation {
  if (!first.generation || !second.generation) throw new Error("the generations of copies that are apart are needed");
  return relate(first.generation, second.generation);
}
