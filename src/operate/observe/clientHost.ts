import type { Inventory, InventoryClient } from "../../inventory/inventory.ts";
import { hostNamed } from "../stack/named.ts";
import { hostScript } from "../remote/runScript.ts";
import { ClientStateSchema } from "./states.ts";
import { messageOf } from "../../../plugins/serving/messageOf.ts";

/** Where a client was found on one of its hosts. */
export type Sight = { readonly state: string; readonly reason: string } | { readonly unreachable: string };

/** Asks all hosts of a client for it at the same time. */
export function findClient(inventory: Inventory, client: InventoryClient): Promise<ReadonlyMap<string, Sight>> {
  return askHosts(inventory, client, { seconds: 30, script: "client-state.sh" }, (said) => {
    const found = ClientStateSchema.parse(said).domains.find((domain) => domain.name === client.name);
    return { state: found?.state ?? "undefined", reason: found?.reason ?? "" };
  });
}

/** Asks all hosts of a client by a script of scripts/host that takes its name and prints JSON, at the same time. */
export async function askHosts<Answer>(
  inventory: Inventory,
  client: InventoryClient,
  { seconds, script }: { readonly seconds: number; readonly script: string },
  read: (said: unknown) => Answer,
): Promise<ReadonlyMap<string, Answer | { readonly unreachable: string }>> {
  const ask = async (name: string): Promise<readonly [string, Answer | { readonly unreachable: string }]> => {
    try {
      return [name, read(JSON.parse(await hostScript(hostNamed(inventory, name), seconds, script, client.name)))];
    } catch (error) {
      return [name, { unreachable: messageOf(error) }];
    }
  };
  return new Map(await Promise.all(client.hosts.map(ask)));
}
