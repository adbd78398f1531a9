import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { InventoryClient, InventoryHost, Inventory } from "../inventory.ts";
import { ClientStateSchema } from "./states.ts";

const onHost = fileURLToPath(new URL("../../scripts/operator/on-host.sh", import.meta.url));

/**
 * Runs one of scripts/host on a KVM host, within so many seconds, and gives its output.
 * @throws with everything that the script said, when it failed or refused.
 */
export function hostScript(host: InventoryHost, seconds: number, script: string, ...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile("bash", [onHost, host.uri, script, ...args], { timeout: seconds * 1000, maxBuffer: 4 << 20 }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const said = stderr.trim().split("\n").join("; ");
      reject(new Error(error.killed ? `${host.name}: ${script} has not ended within ${seconds} s` : `${host.name}: ${said || error.message}`));
    });
    child.stdin?.end();
  });
}

/** Where a client was found on one of its hosts. */
export type Sight = { readonly state: string; readonly reason: string } | { readonly unreachable: string };

/** Asks all hosts of a client for it at the same time. */
export async function findClient(inventory: Inventory, client: InventoryClient): Promise<ReadonlyMap<string, Sight>> {
  const ask = async (name: string): Promise<readonly [string, Sight]> => {
    try {
      const answer = ClientStateSchema.parse(JSON.parse(await hostScript(hostNamed(inventory, name), 30, "client-state.sh", client.name)));
      const found = answer.domains.find((domain) => domain.name === client.name);
      return [name, { state: found?.state ?? "undefined", reason: found?.reason ?? "" }];
    } catch (error) {
      return [name, { unreachable: error instanceof Error ? error.message : String(error) }];
    }
  };
  return new Map(await Promise.all(client.hosts.map(ask)));
}

export function hostNamed(inventory: Inventory, name: string): InventoryHost {
  const host = inventory.hosts.find((candidate) => candidate.name === name);
  if (!host) throw new Error(`stack ${inventory.stack} has no KVM host ${name}; it has: ${inventory.hosts.map((one) => one.name).join(", ")}`);
  return host;
}

export function clientNamed(inventory: Inventory, name: string): InventoryClient {
  const client = inventory.clients.find((candidate) => candidate.name === name);
  if (!client) throw new Error(`stack ${inventory.stack} has no client ${name}; it has: ${inventory.clients.map((one) => one.name).join(", ") || "none"}`);
  return client;
}
