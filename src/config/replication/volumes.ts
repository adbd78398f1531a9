import { z } from "zod";
import { sha256, source } from "../checksum.ts";
import { backings } from "../backing/backing.ts";
import { newDisksSchema } from "../backing/newDisks.ts";
import { provisioningSchema } from "../backing/provisioning.ts";
import { exportsSchema } from "../exports/exports.ts";
import { replicationSchema } from "./replication.ts";
import { trueOrFalse, wholeNumber } from "../scalars.ts";
import { formatSize, MiB, sizeInMiB, TiB } from "../sizes.ts";

/** DRBD takes port 7788 + minor. */
const largestMinor = 255;
const smallestVolume = 16 * MiB;
/** DRBD_MAX_SECTORS_FLEX of 8.4: 1 PiB of 2^41 sectors. */
const largestVolume = 1024 * TiB;

const preloadSchema = z.strictObject({
  source: source().describe(
    "https URL, or absolute path on the mirror that has the first synchronisation, which is the preferred one",
  ),
  checksum: sha256().describe("`sha256:<hex>` of the file at the source"),
  format: z.enum(["raw", "qcow2"]).default("raw").describe("format of the file"),
});

export const volumeSchema = z.strictObject({
  size: sizeInMiB()
    .refine((bytes) => bytes >= smallestVolume, {
      error: `is too small; a volume has at least ${formatSize(smallestVolume)}`,
    })
    .refine((bytes) => bytes <= largestVolume, { error: "is larger than DRBD 8.4 takes; use at most 1024TiB" })
    .describe("usable size; grows, never shrinks. What a client needs to see more: docs/clients.md"),
  backing: z
    .enum(backings)
    .default("disk")
    .describe(
      "what it lies on, on each mirror. `disk`: a data disk of its own. `lvm`: a thick logical volume of the " +
        "mirror's volume group (`kvm-mirror:backing.lvm`). `zvol`: a volume of the mirror's ZFS pool " +
        "(`kvm-mirror:backing.zvol`). With either no machine is changed when it is added, grows or leaves. It never " +
        "changes for a volume that is there: docs/modes.md",
    ),
  disk: sizeInMiB()
    .optional()
    .describe(
      "size of the data disk, logical volume or zvol on each mirror. Default: the volume and DRBD's metadata, " +
        "rounded up to whole MiB (a logical volume: 4MiB)",
    ),
  provisioning: provisioningSchema().describe(
    "`full`: each data disk takes all of its space in the pool when it is made or grows, and `up` " +
      "refuses where there is not enough. `thin`: space is taken as it is written; when a pool runs full, " +
      "the mirror and all that it serves stop, and both pools may fill at about the same time. From " +
      "`thin` to `full` only allocates, the other way changes nothing. With backing lvm or zvol only `full`",
  ),
  minor: wholeNumber()
    .min(0, { error: `is not a DRBD minor of ours; use 0 to ${largestMinor}` })
    .max(largestMinor, { error: `is not a DRBD minor of ours; use 0 to ${largestMinor}` })
    .optional()
    .describe(
      "DRBD's device number: the device is `/dev/drbd<minor>`, its port 7788 + minor. " +
        "Never change it. Default: 0, for a stack of one volume",
    ),
  group: z.string().optional().describe("group that it moves with. Default: the only one"),
  replication: replicationSchema.prefault({}),
  generation: wholeNumber()
    .min(1, { error: "is below 1, with which every volume begins" })
    .default(1)
    .describe(
      "count up when the data disks of both mirrors are lost for good: the volume then starts anew, empty. " +
        "Without it a volume never gets a second first synchronisation. Once counted up it stays",
    ),
  newDisks: newDisksSchema().describe(
    "by mirror, how many data disks of it were lost for good and replaced, as in `{ mirror-b: 1 " +
      "}`: count up to have `up` make a new one in the place of one that is missing. Without it a " +
      "data disk is never made anew. Once counted up it stays",
  ),
  leaves: trueOrFalse()
    .default(false)
    .describe(
      "the volume is about to leave the stack: its data disks are no longer protected. After an `up` with it, " +
        "the block can go; the disks' files stay in their pools unless protectData is false",
    ),
  preload: preloadSchema.optional().describe("image written into the new volume once, before any client can see it"),
  exports: exportsSchema
    .optional()
    .describe(
      "how clients reach it; at least one protocol. Left out: no client does, it is replicated and Primary with its " +
        "group alone",
    ),
});

/** A replicated volume: one DRBD resource on a data disk of its own on each mirror. Sizes in bytes. */
export type Volume = z.output<typeof volumeSchema>;
