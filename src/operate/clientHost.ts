import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Inventory, InventoryClient, InventoryHost, InventoryMirror } from "../inventory.ts";
import { ClientStateSchema } from "./states.ts";

const operatorScripts = fileURLToPath(new URL("../../scripts/operator/", import.meta.url));

/**
 * Runs one of scripts/host on a KVM host, within so many seconds, and gives its output.
 * @throws with everything that the script said, when it failed or refused.
 */
export function hostScript(host: InventoryHost, seconds: number, script: string, ...args: readonly string[]): Promise<string> {
  return run(`${host.name}: ${script}`, ["on-host.sh", host.uri, script, ...args], seconds, "");
}

/** The same for one of scripts/guest on a mirror, with a document for it. */
export function mirrorScript(mirror: InventoryMirror, seconds: number, script: string, args: readonly string[], document = ""): Promise<string> {
  return run(`${mirror.name}: ${script}`, ["on-mirror.sh", mirror.ssh.target, mirror.ssh.hostKey, script, ...args], seconds, document);
}

function run(what: string, [script = "", ...args]: readonly string[], seconds: number, document: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile("bash", [operatorScripts + script, ...args], { timeout: seconds * 1000, maxBuffer: 4 << 20 }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const said = stderr.trim().split("\n").join("; ");
      reject(new Error(error.killed ? `${what} has not ended within ${seconds} s` : `${what}: ${said || error.message}`));
    });
    // A script that refuses before it has read everything closes its end: its words are the error, not that.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(document);
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
