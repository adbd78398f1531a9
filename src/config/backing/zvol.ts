import { z } from "zod";
import { parseSchedule, scheduleForm } from "../schedule.ts";
import { trueOrFalse } from "../scalars.ts";
import { formatSize, MiB, sizeInMiB } from "../sizes.ts";
import { written } from "../written.ts";
import { newDisksSchema } from "./newDisks.ts";
import { provisioningSchema } from "./provisioning.ts";

/** ZFS keeps 128 MiB of a small pool for itself, and takes no device below 64 MiB. */
const smallest = 256 * MiB;

const scrubSchema = written((text) => parseSchedule(text, "to read the pools through at"), scheduleForm)
  .prefault("monthly 01:00")
  .describe(
    "when each mirror reads all that its pool holds and checks it (`zpool scrub`): a day, `daily` or `monthly`, and " +
      "a time of its clock, as in `Sun 03:00`; or `never`. What it finds, `status` says",
  );

export const zvolSchema = z.strictObject({
  size: sizeInMiB()
    .refine((bytes) => bytes >= smallest, {
      error: `is too small for a ZFS pool; use at least ${formatSize(smallest)}`,
    })
    .describe(
      "size of the ZFS disk on each mirror, which carries its pool; grows, never shrinks. All volumes with backing " +
        "zvol must fit, each with DRBD's and ZFS's metadata, beside what ZFS keeps for itself: about a twentieth, " +
        "and at least 256MiB",
    ),
  provisioning: provisioningSchema().describe(
    "of the ZFS disk in the KVM host's pool, as of a volume's data disk. The space of a zvol is reserved in the ZFS " +
      "pool in any case",
  ),
  compression: z
    .enum(["lz4", "zstd", "off"])
    .default("lz4")
    .describe("of what is written from now on; it makes the pool faster, and no volume larger than its `size`"),
  scrub: scrubSchema,
  newDisks: newDisksSchema().describe(
    "by mirror, how many ZFS disks of it were lost for good and replaced, as in `{ mirror-b: 1 }`: count up to have " +
      "`up` make a new one in the place of one that is missing, with all its volumes, which the peer then fills. " +
      "Once counted up it stays",
  ),
  leaves: trueOrFalse()
    .default(false)
    .describe(
      "the ZFS disks are about to leave the stack, after the last volume on them: they are no longer protected. " +
        "After an `up` with it, the block can go; the disks' files stay in their pools unless protectData is false",
    ),
});

/** The disk of each mirror that carries its ZFS pool. Sizes in bytes. */
export type Zvol = z.output<typeof zvolSchema>;
