import { z } from "zod";
import { imageChecksum, source } from "../checksum.ts";

export const imageSchema = z.strictObject({
  source: source().describe("https URL, or absolute path on the KVM hosts, of a cloud image (cloud-init, NoCloud)"),
  checksum: imageChecksum().describe(
    "`sha256:<hex>`, or `sha256sums:<URL or path>` of a SHA256SUMS file that lists the image",
  ),
  format: z.enum(["qcow2", "raw"]).default("qcow2").describe("format of the image file"),
});

/** A disk image that guests' OS disks are copied from. */
export type Image = z.output<typeof imageSchema>;

const release = "https://cloud-images.ubuntu.com/releases/jammy/release";

/** Ubuntu 22.04 LTS, the release that the mirrors were designed on. */
export const defaultImage = {
  source: `${release}/ubuntu-22.04-server-cloudimg-amd64.img`,
  checksum: `sha256sums:${release}/SHA256SUMS`,
} as const;
