import type { Volume } from "../../config/replication/volumes.ts";
import type { Context } from "../context.ts";
import { type DataDiskPlan, type DiskBackingPlan, planDisk } from "./disk.ts";
import { type LvmBackingPlan, planLogicalVolume, planLvmDisk } from "./lvm.ts";

/**
 * What is below DRBD on one mirror, for one volume: a block device in the guest, and what the KVM host has to give for
 * it. A kind is a file in this folder and a member of this type (a zvol would be another); DRBD is told the device,
 * whatever it is made from.
 */
export type BackingPlan = DiskBackingPlan | LvmBackingPlan;

/** What is below each volume on a mirror. */
export function planBackings({ config, stack }: Context, mirror: string): readonly BackingPlan[] {
  const plan = (name: string, volume: Volume): BackingPlan => {
    switch (volume.backing) {
      case "disk":
        return planDisk(stack, mirror, name, volume);
      case "lvm":
        if (!config.backing.lvm) throw new Error(`volume ${name} lies on an LVM disk that the configuration has not`);
        return planLogicalVolume(mirror, name, volume, config.backing.lvm);
    }
  };
  return Object.entries(config.volumes).map(([name, volume]) => plan(name, volume));
}

/** The disk that carries a mirror's volume group; none where the stack has none. */
export function planSharedDisk({ config, stack }: Context, mirror: string): { readonly lvmDisk?: DataDiskPlan } {
  return config.backing.lvm ? { lvmDisk: planLvmDisk(stack, mirror, config.backing.lvm) } : {};
}

/** What a mirror has below DRBD. */
export interface Backed {
  readonly name: string;
  readonly backings: readonly BackingPlan[];
  readonly lvmDisk?: DataDiskPlan;
}

/** Disks of a mirror that carry volumes: one of each volume that has its own, and the one that others share. */
export const dataDisksOf = ({ backings, lvmDisk }: Omit<Backed, "name">): readonly DataDiskPlan[] => [
  ...backings.flatMap((backing) => (backing.kind === "disk" ? [backing.dataDisk] : [])),
  ...(lvmDisk ? [lvmDisk] : []),
];

/** What is below a volume on a mirror. @throws when the plan has nothing there */
export function backingOf({ name, backings }: Backed, volume: string): BackingPlan {
  const backing = backings.find((candidate) => candidate.volume === volume);
  if (!backing) throw new Error(`mirror ${name} has no backing for volume ${volume}`);
  return backing;
}
