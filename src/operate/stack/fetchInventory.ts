import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Inventory } from "../../inventory/inventory.ts";
import { parseInventory } from "./inventorySchema.ts";

const script = fileURLToPath(new URL("../../../scripts/operator/fetch-inventory.sh", import.meta.url));

/**
 * The inventory that a mirror keeps.
 * @param from `user@address`
 * @param hostKey the mirror's, `ssh-ed25519 AAAA…`; without it, it must be in known_hosts
 * @param stack the one that is expected, if any
 * @throws with ssh's or the mirror's words
 */
export async function fetchInventory(
  from: string,
  hostKey: string | undefined,
  stack: string | undefined,
): Promise<Inventory> {
  try {
    const { stdout, stderr } = await promisify(execFile)(
      "bash",
      [script, from, ...(hostKey === undefined ? [] : [hostKey])],
      { timeout: 90_000 },
    );
    process.stderr.write(stderr);
    return parseInventory(stdout, stack, `what ${from} keeps`);
  } catch (error) {
    const said =
      error instanceof Error && "stderr" in error && typeof error.stderr === "string" ? error.stderr.trim() : "";
    throw said === "" ? error : new Error(`${from}: ${said}`);
  }
}
