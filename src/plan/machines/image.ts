import type { Image } from "../../config/machines/image.ts";
import { shortHash } from "../identity.ts";
import type { ImagePlan } from "../plan.ts";

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
