import { z } from "zod";
import { trueOrFalse } from "../scalars.ts";
import { formatSize, MiB, sizeInMiB } from "../sizes.ts";
import { newDisksSchema } from "./newDisks.ts";
import { provisioningSchema } from "./provisioning.ts";

const smallest = 32 * MiB;

export const lvmSchema = z.strictObject({
  size: sizeInMiB()
    .refine((bytes) => bytes >= smallest, {
      error: `is too small for a volume group; use at least ${formatSize(smallest)}`,
    })
    .describe(
      "size of the LVM disk on each mirror, which carries its volume group; grows, never shrinks. All volumes with " +
        "backing lvm, each with DRBD's metadata and rounded up to 4MiB, must fit into it less 1MiB",
    ),
  provisioning: provisioningSchema().describe(
    "of the LVM disk in the KVM host's pool, as of a volume's data disk. Logical volumes are thick in any case",
  ),
  snapshotRoom: sizeInMiB()
    .refine((bytes) => bytes >= smallest, {
      error: `is too small for snapshots; use at least ${formatSize(smallest)}, or leave it out`,
    })
    .optional()
    .describe(
      "room on the LVM disk, beside the volumes, for snapshots before a synchronisation: a mirror that was away " +
        "keeps its copy of a volume as it was until the peer's newer one is all there. Needed is about what clients " +
        "write to all volumes while a mirror is away, half of that again, and 16MiB for each. Without it there are " +
        "none. With manual failover alone",
    ),
  newDisks: newDisksSchema().describe(
    "by mirror, how many LVM disks of it were lost for good and replaced, as in `{ mirror-b: 1 }`: count up to have " +
      "`up` make a new one in the place of one that is missing, with all its volumes, which the peer then fills. " +
      "Once counted up it stays",
  ),
  leaves: trueOrFalse()
    .default(false)
    .describe(
      "the LVM disks are about to leave the stack, after the last volume on them: they are no longer protected. " +
        "After an `up` with it, the block can go; the disks' files stay in their pools unless protectData is false",
    ),
});

/** The disk of each mirror that carries its volume group. Sizes in bytes. */
export type Lvm = z.output<typeof lvmSchema>;
