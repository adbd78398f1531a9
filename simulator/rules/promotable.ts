/**
 * all_promotable of scripts/guest/lib/promotion.sh, for one volume;
 * test/scripts/simulatedRules.test.ts runs all states through both.
 */

export type StartMode =
  | "--with-peer"
  | "--boot"
  | "--take-over"
  | "--peer-fenced"
  | "--peer-said-off"
  | "--last-copy"
  | "--stale-copy";

/** Disks that a mode takes when nobody answers. */
const takes: Readonly<Record<StartMode, readonly string[]>> = {
  "--with-peer": [],
  "--boot": [],
  "--take-over": [],
  "--peer-fenced": ["UpToDate"],
  "--peer-said-off": ["UpToDate"],
  "--last-copy": ["UpToDate", "Consistent"],
  "--stale-copy": ["UpToDate", "Consistent", "Outdated"],
};

/** A volume in DRBD's words, as read_state has it. */
export interface VolumeState {
  readonly connected: boolean;
  readonly role: string;
  readonly peerRole: string;
  readonly disk: string;
  readonly peerDisk: string;
}

export interface Promotable {
  readonly ok: boolean;
  readonly peerIsPrimary: boolean;
}

export function promotable(mode: StartMode, { connected, role, peerRole, disk, peerDisk }: VolumeState): Promotable {
  const verdict = (ok: boolean): Promotable => ({ ok, peerIsPrimary: false });
  if (peerRole === "Primary") return { ok: false, peerIsPrimary: true };
  if (role === "Primary") return verdict(disk === "UpToDate" || (connected && peerDisk === "UpToDate"));
  if (!connected) return verdict(takes[mode].includes(disk));
  return verdict(
    disk === "UpToDate" &&
      !(mode === "--boot" && peerDisk !== "UpToDate") &&
      !(mode === "--with-peer" && peerDisk === "Diskless"),
  );
}
