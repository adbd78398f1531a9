import { MiB } from "../../config/sizes.ts";

const sectorBytes = 512;

/**
 * Bytes of DRBD 8.4's internal metadata on a backing device of the given size:
 * ceil(sectors / 2^18) * 8 + 72 sectors (DRBD User's Guide 8.4,
 * "Estimating metadata size": one bit for 4 KiB, the activity log and the superblock).
 */
export function metadataBytes(deviceBytes: number): number {
  const sectors = Math.ceil(deviceBytes / sectorBytes);
  return (Math.ceil(sectors / 2 ** 18) * 8 + 72) * sectorBytes;
}

/** Smallest backing device of whole MiB on which a volume of the given size fits beside its metadata. */
export function dataDiskBytes(volumeBytes: number): number {
  const start = Math.ceil(volumeBytes / MiB) * MiB;
  for (let bytes = start; ; bytes += MiB) if (bytes - metadataBytes(bytes) >= volumeBytes) return bytes;
}
