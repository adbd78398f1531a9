import type { Volume } from "../../config/replication/volumes.ts";
import { dataDiskBytes } from "./drbdMetadata.ts";
import { diskTarget } from "../targets.ts";

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
  /** Bytes of the disk: whole MiB. */
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

/** What the stack file says of a disk that volumes share. */
interface SharedDisk {
  readonly size: number;
  readonly provisioning: "full" | "thin";
  readonly newDisks?: Readonly<Record<string, number>> | undefined;
  readonly leaves: boolean;
}

/** The disk of a mirror that volumes share. @param place `end`: which of the targets that lie beyond every volume's */
export function planSharedDisk(
  mirror: string,
  { size, provisioning, newDisks = {}, leaves }: SharedDisk,
  place: { readonly volumeName: string; readonly serial: string; readonly end: number },
): DataDiskPlan {
  const { volumeName, serial, end } = place;
  return {
    volumeName,
    bytes: size,
    preallocate: provisioning === "full",
    generation: 1 + (newDisks[mirror] ?? 0),
    leaves,
    serial,
    target: diskTarget("virtio", end),
  };
}

/** A data disk for this volume alone. */
export function planDisk(
  stack: string,
  mirror: string,
  volume: string,
  { size, disk, provisioning, minor = 0, generation, newDisks = {}, leaves }: Volume,
): DiskBackingPlan {
  return {
    kind: "disk",
    volume,
    device: `/dev/disk/by-id/virtio-${volume}`,
    dataDisk: {
      volumeName: `${stack}.${mirror}.${volume}.raw`,
      bytes: disk ?? dataDiskBytes(size),
      preallocate: provisioning === "full",
      // A volume that starts anew may have new disks on both mirrors.
      generation: generation + (newDisks[mirror] ?? 0),
      leaves,
      serial: volume,
      // vda is the OS disk. The minor never changes, so no other volume that
      // comes or goes can move this disk to another target.
      target: diskTarget("virtio", minor + 1),
    },
  };
}
