import { z } from "zod";
import type { Inventory } from "../inventory.ts";
import type { HostVersions } from "../render/nbdForm.ts";
import { runOnHost } from "./runScript.ts";

const schema = z.strictObject({ libvirt: z.string(), qemu: z.string() });

/** What a KVM host runs now. @throws when it is not in the inventory, or cannot be asked. */
export async function hostVersions(inventory: Inventory, name: string): Promise<HostVersions> {
  const host = inventory.hosts.find((candidate) => candidate.name === name);
  if (!host) throw new Error(`stack ${inventory.stack} has no KVM host ${name}`);
  return schema.parse(JSON.parse(await runOnHost(host, "host-version.sh")));
}
