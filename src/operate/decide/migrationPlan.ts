import { formatSize } from "../../config/sizes.ts";
import type { InventoryClient } from "../../inventory/inventory.ts";
import {
  argumentDisks,
  cpuOf,
  fileOf,
  networkDisks,
  ownDisks,
  renderMigrationXml,
} from "../../render/clients/migrationXml.ts";
import type { MigrationSight } from "../observe/migrationSight.ts";

/** What a client that runs takes with it to another KVM host. */
export interface MigrationPlan {
  /** Its XML there. */
  readonly xml: string;
  /** Disks of its own that are copied, by target. */
  readonly copied: readonly string[];
  /** The files there that the copies overwrite. */
  readonly overwritten: readonly string[];
  /** For scripts/host/cpu-fits.sh: its arguments, and what it reads. Undefined: the guest has QEMU's default CPU. */
  readonly cpu: { readonly args: readonly string[]; readonly xml: string } | undefined;
}

/**
 * @param from where it runs
 * @param to where it goes
 * @throws when the guest could not go on there as it is, with what is in the way
 */
export function planMigration(
  { name, managed }: InventoryClient,
  host: string,
  [from, to]: readonly [MigrationSight, MigrationSight],
  { copyStorage, token }: { readonly copyStorage: boolean; readonly token: string },
): MigrationPlan {
  if (to.xml.trim() === "")
    throw new Error(
      `client ${name} is not defined on ${host}: ` +
        (managed ? "run `pulumi up` first" : "its team defines it there, then `pulumi up` gives it its disks"),
    );
  const attached = [...from.attached].sort().join(", ");
  const known = [...networkDisks(from.xml), ...argumentDisks(from.xml)].sort().join(", ");
  if (attached !== known)
    throw new Error(
      `client ${name} has the disks ${attached || "(none)"}, and its definition of now ${known || "(none)"}: some ` +
        "were plugged in or out since it was started, as arguments of QEMU, which libvirt does not take along. It is " +
        "migrated after its next start, or without --live",
    );
  const own = ownDisks(from.xml);
  if (own.length > 0 && !copyStorage)
    throw new Error(
      `client ${name} has disks that are its KVM host's own (${own.join(", ")}). With --copy-storage they are copied ` +
        `to ${host}, over those that it has there`,
    );
  for (const target of own) {
    const [here, there] = [sizeOf(from, target), sizeOf(to, target)];
    if (here === undefined || here !== there)
      throw new Error(
        `client ${name}: its disk ${target} has ${here === undefined ? "no known size" : formatSize(here)}, and ` +
          `${there === undefined ? "none" : formatSize(there)} on ${host}: a copy needs one of the same size there`,
      );
  }
  return {
    xml: renderMigrationXml({ running: from.xml, defined: to.xml, token }),
    copied: own,
    overwritten: own.flatMap((target) => fileOf(to.xml, target) ?? []),
    cpu: cpuOf(from.xml, from.cpu),
  };
}

const sizeOf = ({ sizes }: MigrationSight, target: string): number | undefined =>
  sizes.find((disk) => disk.target === target)?.bytes;
