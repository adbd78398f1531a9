import type { Image } from "../../config/machines/image.ts";
import { shortHash } from "../identity.ts";

/** A disk image that guests' OS disks are copied from. */
export interface ImagePlan {
  /** Name of the volume in the pool. */
  readonly volumeName: string;
  /** https URL, or absolute path on the KVM host. */
  readonly source: string;
  /** `sha256:<hex>` or `sha256sums:<URL or path>`. */
  readonly checksum: string;
  readonly format: "qcow2" | "raw";
}

/**
 * An image in a pool. Its name changes with source and checksum: a new image lies
 * beside the old one, which existing disks were copied from.
 */
export function planImage(stack: string, { source, checksum, format }: Image): ImagePlan {
  return {
    volumeName: `${stack}.image-${shortHash(`${source}\n${checksum}\n${format}`, 8)}.${format}`,
    source,
    checksum,
    format,
  };
}
