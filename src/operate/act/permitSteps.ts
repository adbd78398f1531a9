import { type Inventory, type InventoryClient, ownerOf } from "../../inventory/inventory.ts";
import { hostScript } from "../remote/runScript.ts";
import { hostNamed } from "../stack/named.ts";
import type { Step } from "./steps.ts";

/**
 * Lets libvirt of one KVM host start a client, and no other one's: the others are forbidden first, so that
 * at no time two may. What interrupts it leaves the client without a permit, and repeating it goes on.
 * @param hosts of the client's, those that can be asked
 */
export function permitSteps(
  { hosts: known, stack, owner }: Pick<Inventory, "hosts" | "stack" | "owner">,
  { name, managed }: Pick<InventoryClient, "name" | "managed">,
  active: string,
  hosts: readonly string[],
): readonly Step[] {
  const write = (host: string, start: "here" | "elsewhere"): Promise<string> =>
    hostScript(
      hostNamed({ hosts: known, stack }, host),
      60,
      "permit-client.sh",
      ...[ownerOf({ stack, owner }), name, start, active, host, managed ? "machine" : "existing", "-"],
    );
  const others = hosts.filter((host) => host !== active);
  const forbidden = others.length === 0 ? "" : `${others.join(", ")} may not start ${name}, then `;
  return [
    {
      title: `permits: ${forbidden}${active} may start ${name}`,
      run: async () => {
        await Promise.all(others.map((host) => write(host, "elsewhere")));
        await write(active, "here");
      },
    },
  ];
}
