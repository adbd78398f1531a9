import type { Lvm } from "../../config/backing/lvm.ts";
import type { Volume } from "../../config/replication/volumes.ts";
import { MiB } from "../../config/sizes.ts";
import { type DataDiskPlan, planSharedDisk } from "./disk.ts";
import { dataDiskBytes } from "./drbdMetadata.ts";

/** The volume group on each mirror, and what is ours in it (scripts/guest/backing/lib/volume-group.sh). */
export const volumeGroup = "kvm-mirror";

/** Serial of the disk that carries the volume group: blind.sh shows it to LVM. No volume's name has a dot. */
export const lvmSerial = "kvm-mirror.lvm";

/** Bytes of an extent, of which a logical volume has whole ones. */
export const extent = 4 * MiB;

/** What LVM keeps at the beginning of its disk: label and metadata; the first extent follows at the next whole MiB. */
const beforeExtents = MiB;

/** Kind `lvm`: the volume has a thick logical volume in the mirror's volume group. */
export interface LvmBackingPlan {
  readonly kind: "lvm";
  /** The replicated volume on it. */
  readonly volume: string;
  /** Stable path in the guest, `/dev/kvm-mirror/<volume>`. */
  readonly device: string;
  /** Bytes of the logical volume: whole extents. */
  readonly bytes: number;
  /** As of a data disk: a lost copy is made anew only under a larger number. */
  readonly generation: number;
  /** The volume is about to leave the stack. */
  readonly leaves: boolean;
  /** Bytes of the volume group that snapshots before a synchronisation may take, of all volumes; none: no snapshots. */
  readonly snapshotRoom?: number;
}

/** Bytes of the logical volume below a volume: it and DRBD's metadata, or as asked, in whole extents. */
export const logicalVolumeBytes = ({ size, disk }: { readonly size: number; readonly disk?: number | undefined }) =>
  Math.ceil((disk ?? dataDiskBytes(size)) / extent) * extent;

/** Bytes of the logical volumes that fit on an LVM disk. */
export const roomOf = (diskBytes: number): number => Math.floor((diskBytes - beforeExtents) / extent) * extent;

/** Bytes of the smallest LVM disk that has this room. */
export const diskFor = (logicalVolumes: number): number => logicalVolumes + beforeExtents;

/** A logical volume for this volume. A new LVM disk has new ones of all volumes. */
export function planLogicalVolume(mirror: string, name: string, volume: Volume, lvm: Lvm): LvmBackingPlan {
  const { generation, newDisks = {}, leaves } = volume;
  const { snapshotRoom } = lvm;
  return {
    kind: "lvm",
    volume: name,
    device: `/dev/${volumeGroup}/${name}`,
    bytes: logicalVolumeBytes(volume),
    generation: generation + (newDisks[mirror] ?? 0) + (lvm.newDisks?.[mirror] ?? 0),
    leaves,
    ...(snapshotRoom === undefined ? {} : { snapshotRoom }),
  };
}

/** The disk of a mirror that carries its volume group. */
export const planLvmDisk = (stack: string, mirror: string, lvm: Lvm): DataDiskPlan =>
  // Beyond every data disk's, and before the marks disk's.
  planSharedDisk(mirror, lvm, { volumeName: `${stack}.${mirror}.lvm`, serial: lvmSerial, end: 699 });
