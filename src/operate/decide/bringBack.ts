import type { Inventory } from "../../inventory/inventory.ts";
import type { Evidence } from "../observe/evidence.ts";
import { mirrorNamed } from "../stack/named.ts";
import { startCommand } from "../stack/startCommand.ts";

/**
 * `Bring mirror-a back (…)`, with the command to type next, for a message that says why.
 * @param mirror one that does not answer
 * @param domain what its KVM host says of it; undefined: nobody has asked
 */
export function bringBack(inventory: Inventory, mirror: string, domain?: Evidence["domain"]): string {
  return `Bring ${mirror} back (${how(inventory, mirror, domain)})`;
}

function how(inventory: Inventory, mirror: string, domain: Evidence["domain"] | undefined): string {
  const { host } = mirrorNamed(inventory, mirror);
  const start = startCommand(inventory, mirror);
  if (domain === "off") return start;
  if (domain === "running") return `it runs on ${host} and does not answer: virsh console ${mirror} there`;
  if (domain === "moved")
    return `it was taken away from ${host}: find the KVM host where it runs, and migrate it back to ${host}`;
  if (domain === "unknown") return `${host} cannot be asked; once it can, and says that it is off: ${start}`;
  return `if it is off: ${start}`;
}
