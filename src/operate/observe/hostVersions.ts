import { z } from "zod";
import type { Inventory } from "../../inventory/inventory.ts";
import type { HostVersions } from "../../render/exports/exportProtocol.ts";
import { hostNamed } from "../stack/named.ts";
import { askHost, patient } from "../remote/runScript.ts";

const schema = z.strictObject({ libvirt: z.string(), qemu: z.string() });

/** What a KVM host runs now. @throws when it is not in the inventory, or cannot be asked. */
export async function hostVersions(inventory: Inventory, name: string): Promise<HostVersions> {
  return schema.parse(JSON.parse(await askHost(hostNamed(inventory, name), patient, "host-version.sh")));
}
