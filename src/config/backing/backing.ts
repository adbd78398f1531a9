import { z } from "zod";
import { lvmSchema } from "./lvm.ts";

/** What volumes of a stack may lie on: a data disk of their own, or a logical volume of the mirror's volume group. */
export const backings = ["disk", "lvm"] as const;
export type BackingKind = (typeof backings)[number];

export const backingSchema = z.strictObject({ lvm: lvmSchema.optional() });

/** What each mirror has below DRBD beside data disks of single volumes, by kind. */
export type Backing = z.output<typeof backingSchema>;
