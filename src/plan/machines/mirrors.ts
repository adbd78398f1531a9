import { MiB } from "../../config/sizes.ts";
import { type BackingPlan, planBackings, planSharedDisks, type SharedDiskPlan } from "../backing/backing.ts";
import type { DataDiskPlan } from "../backing/disk.ts";
import { type Context, named } from "../context.ts";
import { type MachinePlan, planMachine } from "./machine.ts";
import { diskTarget } from "../targets.ts";

/**
 * Where a mirror says that it goes on alone (scripts/guest/replication/lib/marks.sh): a
 * volume in its own KVM host's pool, which the host reads.
 */
export type MarksDiskPlan = Omit<DataDiskPlan, "generation" | "leaves">;

export interface MirrorPlan extends MachinePlan {
  readonly replicationAddress: string;
  readonly storageAddress: string;
  readonly managementAddress: string;
  /** What is below DRBD, one for each volume. */
  readonly backings: readonly BackingPlan[];
  /** Carry the volume group, or the pool, in which volumes of their kind have a part. */
  readonly sharedDisks: readonly SharedDiskPlan[];
  readonly marksDisk: MarksDiskPlan;
}

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
    backings: planBackings(context, name),
    sharedDisks: planSharedDisks(context, name),
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
