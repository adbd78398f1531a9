/**
 * What others measured: "VM managed disk replication", the recipe that this project began with, section
 * "Performance Impact": Ubuntu 22.04, one row a protocol and emulation, MB/s. It does not say with
 * which program, nor on which hardware. `direct` it has by SATA alone.
 */
const table = {
  "iscsi-sata": { "read-512-cached": 174.0, "write-512": 11.5, "read-1m": 316.0, "write-1m": 131.0 },
  "iscsi-virtio": { "read-512-cached": 201.0, "write-512": 15.1, "read-1m": 317.0, "write-1m": 133.0 },
  "nbd-sata": { "read-512-cached": 164.0, "write-512": 12.7, "read-1m": 308.0, "write-1m": 130.0 },
  "nbd-virtio": { "read-512-cached": 210.0, "write-512": 20.0, "read-1m": 347.0, "write-1m": 135.0 },
  "direct-sata": { "read-512-cached": 162.0, "write-512": 12.7, "read-1m": 317.0, "write-1m": 339.0 },
} as const;

const rows: Readonly<Record<string, Readonly<Record<string, number>>>> = table;

/** The recipe's figure, MB/s. Undefined where it has none. */
export const recipeFigure = (spot: string, load: string): number | undefined => rows[spot]?.[load];

/** The recipe's ratio to its only direct disk, by SATA, whichever bus the disk has. */
export function recipeRatio(spot: string, load: string): number | undefined {
  const [own, direct] = [recipeFigure(spot, load), recipeFigure("direct-sata", load)];
  return own === undefined || direct === undefined || spot.startsWith("direct-") ? undefined : own / direct;
}
