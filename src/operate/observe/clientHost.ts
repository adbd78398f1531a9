import type { Inventory, InventoryClient } from "../../inventory/inventory.ts";
import { hostNamed } from "../stack/named.ts";
import { hostScript } from "../remote/runScript.ts";
import { ClientStateSchema } from "./states.ts";
import { messageOf } from "../../../plugins/serving/messageOf.ts";

/** Where a client was found on one of its hosts. */
export type Sight = { readonly state: string; readonly reason: string } | { readonly unreachable: string };

/** Asks all hosts of a client for it at the same time. */
export async function findClient(inventory: Inventory, client: InventoryClient): Promise<ReadonlyMap<string, Sight>> {
  const ask = async (name: string): Promise<readonly [string, Sight]> => {
    try {
      const answer = ClientStateSchema.parse(
        JSON.parse(await hostScript(hostNamed(inventory, name), 30, "client-state.sh", client.name)),
      );
      const found = answer.domains.find((domain) => domain.name === client.name);
      return [name, { state: found?.state ?? "undefined", reason: found?.reason ?? "" }];
    } catch (error) {
      return [name, { unreachable: messageOf(error) }];
    }
  };
  return new Map(await Promise.all(client.hosts.map(ask)));
}
