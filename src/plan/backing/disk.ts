import type { Volume } from "../../config/volumes.ts";
import { dataDiskBytes } from "../drbdMetadata.ts";
import { diskTarget } from "../targets.ts";
import type { DiskBackingPlan } from "./backing.ts";

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
