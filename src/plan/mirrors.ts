import { MiB } from "../config/sizes.ts";
import type { Volume } from "../config/volumes.ts";
import { type Context, named } from "./context.ts";
import { dataDiskBytes } from "./drbdMetadata.ts";
import { planMachine } from "./machine.ts";
import type { DataDiskPlan, MarksDiskPlan, MirrorPlan } from "./plan.ts";
import { diskTarget } from "./targets.ts";

/** The two mirrors. */
export function planMirrors(context: Context): readonly MirrorPlan[] {
  return Object.keys(context.config.mirrors).map((name) => planMirror(context, name));
}

function planMirror(context: Context, name: string): MirrorPlan {
  const { config, stack } = context;
  const { host, replication, storage, management } = named(config.mirrors, name);
  const { vcpus, memory, osDisk } = config.machine;
  const addresses = [
    ["replication", replication],
    ["storage", storage],
    ["management", management],
  ] as const;
  return {
    ...planMachine(context, { name, host, vcpus, memory, osDisk, image: config.image, addresses, management }),
    replicationAddress: replication,
    storageAddress: storage,
    managementAddress: management,
    dataDisks: Object.entries(config.volumes).map(([volume, block]) => planDataDisk(stack, name, volume, block)),
    marksDisk: planMarksDisk(stack, name),
  };
}

/**
 * Room for a header and a block of 4 KiB for each of the 256 minors, taken when it is
 * made: a full pool must not keep a mark from being left. No volume's
 * name has a dot, and no volume's target is as high.
 */
function planMarksDisk(stack: string, mirror: string): MarksDiskPlan {
  return {
    volumeName: `${stack}.${mirror}.marks`,
    bytes: 2 * MiB,
    preallocate: true,
    serial: "kvm-mirror.marks",
    target: diskTarget("virtio", 700),
  };
}

function planDataDisk(
  stack: string,
  mirror: string,
  volume: string,
  { size, disk, provisioning, minor = 0, generation, newDisks = {}, leaves }: Volume,
): DataDiskPlan {
  return {
    volume,
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
    device: `/dev/disk/by-id/virtio-${volume}`,
  };
}
