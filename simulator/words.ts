/**
 * DRBD 8.4's states as numbers in the kernel's own order
 * (include/linux/drbd.h), so that its comparisons can be kept as they are.
 */

export const Disk = { Diskless: 0, Inconsistent: 4, Outdated: 5, Unknown: 6, Consistent: 7, UpToDate: 8 } as const;
export const Conn = { StandAlone: 0, WFConnection: 8, Connected: 10, SyncSource: 16, SyncTarget: 17 } as const;
export const Role = { Unknown: 0, Primary: 1, Secondary: 2 } as const;
/** A machine as libvirt has it; `Saved`: its memory is on the host's disk (managedsave), and `virsh start` wakes it. */
export const Domain = { Off: 0, Running: 1, Frozen: 2, Saved: 3 } as const;

/** Generation of metadata that was just created. */
export const justCreated = 4;
/**
 * Generations are multiples of this; what the kernel adds to a generation to
 * mark a resynchronisation (UUID_NEW_BM_OFFSET) is less.
 */
export const generationStep = 1024;
export const resyncOffset = 2;

/** What the kernel shows of a disk, a connection, a role: the words of /proc/drbd. */
export const diskWord: Readonly<Record<number, string>> = {
  0: "Diskless",
  4: "Inconsistent",
  5: "Outdated",
  6: "DUnknown",
  7: "Consistent",
  8: "UpToDate",
};
export const connectionWord: Readonly<Record<number, string>> = {
  0: "StandAlone",
  8: "WFConnection",
  10: "Connected",
  16: "SyncSource",
  17: "SyncTarget",
};
export const roleWord: Readonly<Record<number, string>> = { 0: "Unknown", 1: "Primary", 2: "Secondary" };
