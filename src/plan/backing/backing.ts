import type { Context } from "../context.ts";
import { type DiskBackingPlan, planDisk } from "./disk.ts";

/**
 * What is below DRBD on one mirror, for one volume: a block device in the guest, and what the KVM host has to give for
 * it. One kind so far: a data disk of its own. Another kind (a logical volume, a zvol) is a file beside disk.ts and a
 * member of this type; DRBD is told the device, whatever it is made from.
 */
export type BackingPlan = DiskBackingPlan;

/** What is below each volume on a mirror. */
export function planBackings({ config, stack }: Context, mirror: string): readonly BackingPlan[] {
  return Object.entries(config.volumes).map(([name, volume]) => planDisk(stack, mirror, name, volume));
}

/** What a mirror has below DRBD. */
interface Backed {
  readonly name: string;
  readonly backings: readonly BackingPlan[];
}

/** What is below a volume on a mirror. @throws when the plan has nothing there */
export function backingOf({ name, backings }: Backed, volume: string): BackingPlan {
  const backing = backings.find((candidate) => candidate.volume === volume);
  if (!backing) throw new Error(`mirror ${name} has no backing for volume ${volume}`);
  return backing;
}
