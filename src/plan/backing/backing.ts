import type { Context } from "../context.ts";
import { planDisk } from "./disk.ts";

/**
 * What is below DRBD on one mirror, for one volume: a block device in the guest, and what the KVM host has to give for
 * it. One kind so far: a data disk of its own. Another kind (a logical volume, a zvol) is a file beside disk.ts and a
 * member of this type; DRBD is told the device, whatever it is made from.
 */
export type BackingPlan = DiskBackingPlan;

/** Kind `disk`: the volume has a data disk for itself. */
export interface DiskBackingPlan {
  readonly kind: "disk";
  /** The replicated volume on it. */
  readonly volume: string;
  /** Stable path in the guest, `/dev/disk/by-id/virtio-<serial>`. */
  readonly device: string;
  readonly dataDisk: DataDiskPlan;
}

/** A disk of a mirror beside its OS disk, in the pool of its KVM host. What is on it, the backing says. */
export interface DataDiskPlan {
  /** Name of the libvirt volume in the pool. */
  readonly volumeName: string;
  /** Bytes of the disk: the volume and DRBD's internal metadata, rounded up to whole MiB. */
  readonly bytes: number;
  /** All of its space is taken in the pool from the beginning. */
  readonly preallocate: boolean;
  /** Which data disk of the mirror it is, counted from 1: a lost one is made anew only under a larger number. */
  readonly generation: number;
  /** What it carries is about to leave the stack. */
  readonly leaves: boolean;
  /** virtio serial, at most 20 characters. */
  readonly serial: string;
  /** Target in the domain, for example `vdb`. */
  readonly target: string;
}

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
