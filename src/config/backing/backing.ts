import { z } from "zod";
import { lvmSchema } from "./lvm.ts";
import { zvolSchema } from "./zvol.ts";

/** Backings for which all volumes of a mirror share one disk: a volume group of LVM, a pool of ZFS. */
export const sharedBackings = ["lvm", "zvol"] as const;
export type SharedBacking = (typeof sharedBackings)[number];

/** What volumes of a stack may lie on: a data disk of their own, or a part of a disk that they share. */
export const backings = ["disk", ...sharedBackings] as const;
export type BackingKind = (typeof backings)[number];

export const backingSchema = z.strictObject({ lvm: lvmSchema.optional(), zvol: zvolSchema.optional() });

/** What each mirror has below DRBD beside data disks of single volumes, by kind. */
export type Backing = z.output<typeof backingSchema>;
