import type { SharedBacking } from "../../config/backing/backing.ts";
import type { SharedDiskPlan } from "../../plan/backing/backing.ts";

/** What resources and scripts of a disk that volumes share are called. */
export interface SharedNames {
  /** The disk: `<mirror>-<disk>`. */
  readonly disk: string;
  /** What is on all of it: `<mirror>-<whole>`. */
  readonly whole: string;
  /** A volume's part: `<volume>-<mirror>-<part>`. */
  readonly part: string;
  /** Makes the whole. */
  readonly start: string;
  /** The whole has left the stack. */
  readonly leave: string;
  /** Makes a part, or has it grow: VOLUME BYTES --disk NUMBER. */
  readonly make: string;
  /** Deletes a part: VOLUME delete-its-data. */
  readonly delete: string;
}

export const sharedNames: Readonly<Record<SharedBacking, SharedNames>> = {
  lvm: {
    disk: "lvm-disk",
    whole: "volume-group",
    part: "logical-volume",
    start: "volume-group.sh",
    leave: "volume-group-leave.sh",
    make: "logical-volume.sh",
    delete: "logical-volume-delete.sh",
  },
  zvol: {
    disk: "zfs-disk",
    whole: "pool",
    part: "zvol",
    start: "pool.sh",
    leave: "pool-leave.sh",
    make: "zvol.sh",
    delete: "zvol-delete.sh",
  },
};

/** Arguments of the script that makes the volume group, or the pool. */
export function startArgs(shared: SharedDiskPlan): readonly string[] {
  const disk = ["--disk", String(shared.disk.generation)];
  switch (shared.kind) {
    case "lvm":
      return disk;
    case "zvol":
      return [...disk, "--compression", shared.compression, "--scrub", shared.scrub ?? "never"];
  }
}
