export type Bus = "virtio" | "sata";

const prefixes: Readonly<Record<Bus, string>> = { virtio: "vd", sata: "sd" };

/** Target of the n-th disk (from 0) of a bus: vda, vdb, … vdz, vdaa, …. */
export function diskTarget(bus: Bus, index: number): string {
  const letter = (position: number): string => String.fromCharCode("a".charCodeAt(0) + position);
  return `${prefixes[bus]}${index < 26 ? letter(index) : letter(Math.floor(index / 26) - 1) + letter(index % 26)}`;
}

/** Bus that a target belongs to by its name. */
export function busOf(target: string): Bus {
  return target.startsWith(prefixes.virtio) ? "virtio" : "sata";
}

/** Bus of a client's disk unless it says otherwise: NBD on virtio is fastest, iSCSI on SATA most compatible. */
export function defaultBus(protocol: "nbd" | "iscsi"): Bus {
  return protocol === "nbd" ? "virtio" : "sata";
}

/** Targets that a machine of ours has taken: its OS disk and its seed. */
export const ownTargets: readonly string[] = ["vda", "sda"];

/**
 * Targets of a client's disks, in order. A disk without one gets the next that is neither taken by the machine itself nor named by another disk.
 */
export function assignTargets(disks: readonly { readonly protocol: "nbd" | "iscsi"; readonly bus?: Bus | undefined; readonly target?: string | undefined }[]): readonly string[] {
  const taken = new Set([...ownTargets, ...disks.flatMap((disk) => disk.target ?? [])]);
  return disks.map((disk) => {
    if (disk.target !== undefined) return disk.target;
    const bus = disk.bus ?? defaultBus(disk.protocol);
    for (let index = 1; ; index++) {
      const target = diskTarget(bus, index);
      if (taken.has(target)) continue;
      taken.add(target);
      return target;
    }
  });
}
