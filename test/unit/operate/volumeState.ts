import type { MirrorState } from "../../../src/operate/observe/states.ts";

export type Volume = MirrorState["volumes"][number];

/** A volume as a secondary shows it that is connected and whole, with changes. */
export function volumeState(name: string, change: Partial<Volume> = {}): Volume {
  return {
    name,
    role: "Secondary",
    peerRole: "Primary",
    disk: "UpToDate",
    peerDisk: "UpToDate",
    connection: "Connected",
    syncPercent: null,
    outOfSyncKiB: 0,
    suspended: false,
    generation: null,
    lostSince: null,
    heardUntil: null,
    alone: null,
    frozen: false,
    ...change,
  };
}
