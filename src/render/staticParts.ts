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

/** Lists of a later part are added to those of an earlier one; without this cloud-init would leave them out. */
const added = "list(append)+dict(no_replace,recurse_list)+str()";

/** The parts of cloud-init/ that every mirror gets as they are; more of them for automatic failover. */
export function readMirrorParts(mode: "manual" | "automatic" = "manual"): readonly SeedPart[] {
  const files = mode === "manual" ? mirrorFiles : [...mirrorFiles, { filename: "cluster-packages.yaml", contentType: "text/cloud-config", mergeType: added }];
  return files.map((file) => ({ content: readFileSync(new URL(`../../cloud-init/${file.filename}`, import.meta.url), "utf8"), ...file }));
}
