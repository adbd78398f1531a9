import type { BackingKind, SharedBacking } from "../../config/backing/backing.ts";
import type { Volume } from "../../config/replication/volumes.ts";
import type { Schedule } from "../../config/schedule.ts";
import type { Context } from "../context.ts";
import { type DataDiskPlan, type DiskBackingPlan, planDisk } from "./disk.ts";
import { type LvmBackingPlan, lvmSerial, planLogicalVolume, planLvmDisk } from "./lvm.ts";
import { planZfsDisk, planZvol, zfsSerial, type ZvolBackingPlan } from "./zvol.ts";

/**
 * What is below DRBD on one mirror, for one volume: a block device in the guest, and what the KVM host has to give for
 * it. A kind is a file in this folder and a member of this type; DRBD is told the device, whatever it is made from.
 */
export type BackingPlan = DiskBackingPlan | LvmBackingPlan | ZvolBackingPlan;

/** A disk of a mirror that volumes share: it carries a volume group, or a pool with these settings. */
export type SharedDiskPlan =
  | { readonly kind: "lvm"; readonly disk: DataDiskPlan }
  | {
      readonly kind: "zvol";
      readonly disk: DataDiskPlan;
      readonly compression: "lz4" | "zstd" | "off";
      readonly scrub: Schedule;
    };

/** What is below each volume on a mirror. */
export function planBackings({ config, stack }: Context, mirror: string): readonly BackingPlan[] {
  const { lvm, zvol } = config.backing;
  const plan = (name: string, volume: Volume): BackingPlan => {
    switch (volume.backing) {
      case "disk":
        return planDisk(stack, mirror, name, volume);
      case "lvm":
        if (!lvm) throw new Error(`volume ${name} lies on an LVM disk that the configuration has not`);
        return planLogicalVolume(mirror, name, volume, lvm);
      case "zvol":
        if (!zvol) throw new Error(`volume ${name} lies on a ZFS disk that the configuration has not`);
        return planZvol(mirror, name, volume, zvol);
    }
  };
  return Object.entries(config.volumes).map(([name, volume]) => plan(name, volume));
}

/** The disks of a mirror that volumes share, one of a kind at most. */
export function planSharedDisks({ config, stack }: Context, mirror: string): readonly SharedDiskPlan[] {
  const { lvm, zvol } = config.backing;
  return [
    ...(lvm ? [{ kind: "lvm", disk: planLvmDisk(stack, mirror, lvm) } as const] : []),
    ...(zvol
      ? [
          {
            kind: "zvol",
            disk: planZfsDisk(stack, mirror, zvol),
            compression: zvol.compression,
            scrub: zvol.scrub,
          } as const,
        ]
      : []),
  ];
}

const sharedSerials: Readonly<Record<SharedBacking, string>> = { lvm: lvmSerial, zvol: zfsSerial };

/** virtio serial of the disk on which a volume lies, alone or with others. */
export const diskSerial = (volume: string, kind: BackingKind = "disk"): string =>
  kind === "disk" ? volume : sharedSerials[kind];

/** What a mirror has below DRBD. */
export interface Backed {
  readonly name: string;
  readonly backings: readonly BackingPlan[];
  readonly sharedDisks: readonly SharedDiskPlan[];
}

/** Disks of a mirror that carry volumes: one of each volume that has its own, and those that others share. */
export const dataDisksOf = ({ backings, sharedDisks }: Omit<Backed, "name">): readonly DataDiskPlan[] => [
  ...backings.flatMap((backing) => (backing.kind === "disk" ? [backing.dataDisk] : [])),
  ...sharedDisks.map(({ disk }) => disk),
];

/** What is below a volume on a mirror. @throws when the plan has nothing there */
export function backingOf({ name, backings }: Backed, volume: string): BackingPlan {
  const backing = backings.find((candidate) => candidate.volume === volume);
  if (!backing) throw new Error(`mirror ${name} has no backing for volume ${volume}`);
  return backing;
}
