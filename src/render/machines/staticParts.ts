import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { SharedBacking } from "../../config/backing/backing.ts";

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
  // Before any package is installed. install-tools.sh runs both again, also on a mirror that is older than they are.
  { file: "scripts/guest/machines/blind.sh", contentType: "text/cloud-boothook" },
  { file: "scripts/guest/machines/updates-by-hand.sh", contentType: "text/cloud-boothook" },
  { file: "cloud-init/packages.yaml", contentType: "text/cloud-config" },
  // At later boots kvm-mirror-drbd-module.service runs it.
  { file: "scripts/guest/replication/drbd-module.sh", contentType: "text/x-shellscript" },
];

/** Lists of a later part are added to those of an earlier one; without this cloud-init would leave them out. */
const added = "list(append)+dict(no_replace,recurse_list)+str()";

const packagesFor = (file: string) => ({
  file: `cloud-init/${file}-packages.yaml`,
  contentType: "text/cloud-config",
  mergeType: added,
});

/** What disks that volumes share need. ZFS is no package alone: Debian builds its module for the kernel that runs. */
const partsFor: Readonly<Record<SharedBacking, Omit<SeedPart, "content" | "filename"> & { readonly file: string }>> = {
  lvm: packagesFor("lvm"),
  zvol: { file: "scripts/guest/backing/zfs-module.sh", contentType: "text/x-shellscript" },
};

/** The parts that every mirror gets as they are; more for automatic failover, and for disks that volumes share. */
export function readMirrorParts(
  mode: "manual" | "automatic" = "manual",
  shared: readonly SharedBacking[] = [],
): readonly SeedPart[] {
  const files = [
    ...mirrorFiles,
    ...(mode === "automatic" ? [packagesFor("cluster")] : []),
    ...shared.map((kind) => partsFor[kind]),
  ];
  return files.map(({ file, ...part }) => ({
    content: readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8"),
    filename: basename(file),
    ...part,
  }));
}
