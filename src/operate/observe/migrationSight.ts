import { z } from "zod";
import type { Inventory, InventoryClient } from "../../inventory/inventory.ts";
import { askHosts } from "./clientHost.ts";
import { permit } from "./states.ts";

const base64 = z.string().transform((text) => Buffer.from(text, "base64").toString());

/** What scripts/host/client-migration.sh says of a client on one KVM host. */
export const MigrationSightSchema = z.strictObject({
  /** libvirt's word; `undefined`; `unknown` where libvirt does not say. */
  state: z.string(),
  reason: z.string(),
  /** QEMU's own word for a domain that is paused; empty for others, and where it does not say. */
  qemu: z.string(),
  /** A migration of it is under way from here. */
  migrating: z.boolean(),
  saved: z.boolean(),
  permit,
  /** Targets of the disks of ours that a running QEMU has. */
  attached: z.array(z.string()),
  /** Of its disks that are that host's own. */
  sizes: z.array(z.strictObject({ target: z.string(), bytes: z.number() })),
  /** `<cpu>` of the host. */
  cpu: base64,
  /** Of the running domain, else its definition; empty: it is not defined there. */
  xml: base64,
});

export type MigrationSight = z.output<typeof MigrationSightSchema>;

export type MigrationSights = ReadonlyMap<string, MigrationSight | { readonly unreachable: string }>;

/** Asks all hosts of a client at the same time what a live migration has to know. */
export function seeMigration(inventory: Inventory, client: InventoryClient): Promise<MigrationSights> {
  return askHosts(inventory, client, { seconds: 60, script: "client-migration.sh" }, (said) =>
    MigrationSightSchema.parse(said),
  );
}
