import { GiB, KiB, MiB, TiB } from "../../config/sizes.ts";
import type { Volume } from "../../config/replication/volumes.ts";
import type { Zvol } from "../../config/backing/zvol.ts";
import { type DataDiskPlan, planSharedDisk } from "./disk.ts";
import { dataDiskBytes } from "./drbdMetadata.ts";

/** The pool on each mirror (scripts/guest/backing/lib/pool.sh). */
export const zfsPool = "kvm-mirror-zfs";

/** Serial of the disk that carries the pool: blind.sh leaves its partitions alone. No volume's name has a dot. */
export const zfsSerial = "kvm-mirror.zfs";

/** Kind `zvol`: the volume has a zvol in the mirror's pool, whose space is reserved there. */
export interface ZvolBackingPlan {
  readonly kind: "zvol";
  /** The replicated volume on it. */
  readonly volume: string;
  /** Stable path in the guest, `/dev/zvol/<pool>/<volume>`. */
  readonly device: string;
  /** Bytes of the zvol: whole MiB. */
  readonly bytes: number;
  /** As of a data disk: a lost copy is made anew only under a larger number. */
  readonly generation: number;
  /** The volume is about to leave the stack. */
  readonly leaves: boolean;
}

/** Bytes of the zvol below a volume: it and DRBD's metadata, or as asked. */
export const zvolBytes = ({ size, disk }: { readonly size: number; readonly disk?: number | undefined }): number =>
  disk ?? dataDiskBytes(size);

const blockBytes = 16 * KiB;
/** Block pointers in an indirect block of 128 KiB. */
const pointers = 1024;

/**
 * Bytes that ZFS reserves for a zvol with blocks of 16 KiB: its own, and two copies of every indirect block, as large
 * as it can be (libzfs_dataset.c, zvol_volsize_to_reservation).
 */
export function reservedBytes(bytes: number): number {
  let indirect = 7;
  for (let blocks = Math.ceil(bytes / blockBytes); blocks > 1; ) {
    blocks = Math.ceil(blocks / pointers);
    indirect += blocks;
  }
  return bytes + indirect * 2 * 128 * KiB;
}

/**
 * Bytes that zvols may reserve on a disk of this size, at the least: ZFS cuts it into metaslabs (vdev.c,
 * vdev_metaslab_set_size), of which one may serve its log alone, and keeps a part for itself (spa_misc.c,
 * spa_get_slop_space). On the mirror, pool.sh and zvol.sh ask ZFS.
 */
export function poolRoom(diskBytes: number): number {
  // Labels, the boot block, and the reserved partition that ZFS makes at the end of a disk.
  const usable = diskBytes - 16 * MiB;
  const metaslab = metaslabBytes(usable);
  const metaslabs = Math.floor(usable / metaslab);
  const total = (metaslabs - (metaslabs > 64 ? 1 : 0)) * metaslab;
  const kept = Math.min(Math.max(total / 32, Math.min(total / 2, 128 * MiB)), 128 * GiB);
  // What the pool writes about itself.
  return Math.max(0, Math.floor(total - kept - 8 * MiB));
}

/** vdev_metaslab_set_size: of 512 MiB, but at least 16, and at most about 200 of them. */
function metaslabBytes(bytes: number): number {
  const usual = 512 * MiB;
  const count = Math.floor(bytes / usual);
  if (count < 16) return Math.max(16 * MiB, nextPower(bytes / 16));
  return count > 200 ? Math.min(nextPower(bytes / 200), 16 * GiB) : usual;
}

/** The power of two that is above. */
const nextPower = (bytes: number): number => 2 ** (Math.floor(Math.log2(bytes)) + 1);

/** Bytes of a disk, in whole MiB, with this room: the smallest, or little more. */
export function diskForZvols(reserved: number): number {
  let bytes = Math.ceil(reserved / MiB) * MiB;
  const step = Math.max(MiB, 2 ** Math.floor(Math.log2(bytes / 256 + 1)));
  while (poolRoom(bytes) < reserved && bytes < 1024 * TiB) bytes += Math.ceil(step / MiB) * MiB;
  return bytes;
}

/** A zvol for this volume. A new ZFS disk has new ones of all volumes. */
export function planZvol(mirror: string, name: string, volume: Volume, zvol: Zvol): ZvolBackingPlan {
  const { generation, newDisks = {}, leaves } = volume;
  return {
    kind: "zvol",
    volume: name,
    device: `/dev/zvol/${zfsPool}/${name}`,
    bytes: zvolBytes(volume),
    generation: generation + (newDisks[mirror] ?? 0) + (zvol.newDisks?.[mirror] ?? 0),
    leaves,
  };
}

/** The disk of a mirror that carries its pool. */
export const planZfsDisk = (stack: string, mirror: string, zvol: Zvol): DataDiskPlan =>
  // Beyond every data disk's, and before the LVM disk's.
  planSharedDisk(mirror, zvol, { volumeName: `${stack}.${mirror}.zfs`, serial: zfsSerial, end: 698 });
