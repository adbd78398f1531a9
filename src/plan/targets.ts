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

/**
 * Bus of a client's disk unless it says otherwise. A guest waits for a virtio disk as
 * long as it takes; for a SATA disk its driver's own clock runs, and
 * after 30 s its file systems get I/O errors, however patient libvirt and QEMU
 * are. That is less than a person needs for a failover by hand.
 */
const defaultBus: Bus = "virtio";

/**
 * Target of a machine's cloud-init seed: beyond every data disk's, which go up
 * to vdiv. libvirt gives PCI slots in the order of targets.
 */
export const seedTarget = "vdzz";

/**
 * Targets that a machine of ours has taken: its OS disk, its seed, and the seed
 * of a machine that an earlier version of this program made.
 */
export const ownTargets: readonly string[] = ["vda", seedTarget, "sda"];

/**
 * Targets of a client's disks, in order. A disk without one gets the next that is
 * neither taken by the machine itself nor named by another disk. Such a
 * target depends on the other disks of the list: only a client's single
 * disk may go without (src/check/rules/clientDisks.ts).
 */
export function assignTargets(
  disks: readonly { readonly bus?: Bus | undefined; readonly target?: string | undefined }[],
): readonly string[] {
  const taken = new Set([...ownTargets, ...disks.flatMap((disk) => disk.target ?? [])]);
  return disks.map((disk) => {
    if (disk.target !== undefined) return disk.target;
    const bus = disk.bus ?? defaultBus;
    for (let index = 1; ; index++) {
      const target = diskTarget(bus, index);
      if (taken.has(target)) continue;
      taken.add(target);
      return target;
    }
  });
}
