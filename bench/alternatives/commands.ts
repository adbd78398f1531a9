import { guestScript } from "../guestScript.ts";
import type { Spot } from "../spot.ts";

/** The shell command for one of the words that guest/alternatives.sh explains. */
export const alternativesCommand = guestScript("alternatives");

/** Other ways to have a volume on two mirrors, with the word that guest/alternatives.sh has for each. */
export const alternatives = [
  { name: "drbd-on-zvol", title: "DRBD on a zvol", kind: "device" },
  { name: "zfs-on-drbd", title: "ZFS on DRBD", kind: "device" },
  { name: "zfs-over-iscsi", title: "ZFS mirror over iSCSI", kind: "device" },
  { name: "gluster", title: "Gluster on ZFS", kind: "file" },
] as const;

export type Alternative = (typeof alternatives)[number];

/** A mirror, and what it knows of the other one. */
export interface Half {
  readonly place: Spot["place"];
  /** In the replication network: its own address, and the other mirror's. */
  readonly self: string;
  readonly peer: string;
}
