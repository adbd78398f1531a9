import { readFileSync } from "node:fs";

/** One part of a machine's user data. */
export interface SeedPart {
  readonly content: string;
  readonly contentType: string;
  readonly filename: string;
  readonly mergeType?: string;
  /** Holds a secret: to be kept out of plain state. */
  readonly secret?: boolean;
}

const mirrorFiles = [
  { filename: "packages.yaml", contentType: "text/cloud-config" },
  { filename: "drbd-module.sh", contentType: "text/x-shellscript-per-boot" },
];

/** The parts of cloud-init/ that every mirror gets as they are. */
export function readMirrorParts(): readonly SeedPart[] {
  return mirrorFiles.map(({ filename, contentType }) => ({
    content: readFileSync(new URL(`../../cloud-init/${filename}`, import.meta.url), "utf8"),
    contentType,
    filename,
  }));
}
