import { existsSync, readFileSync } from "node:fs";
import type { Inventory } from "../src/inventory/inventory.ts";
import { parseInventory } from "../src/operate/stack/inventorySchema.ts";
import { root, run } from "./run.ts";

/**
 * What begins a command line that runs where the operator is.
 * @param prefix of the lab's namespaces; without one the operator is here
 */
export function placeOf(prefix: string | undefined): readonly string[] {
  return prefix === undefined ? [] : ["bash", `${root}lab/operator.sh`, "--prefix", prefix];
}

/** What lab/up.sh noted; a lab that was made in another way is for the stack `lab`. */
export function labStack(prefix: string): string {
  const note = `/run/kvm-mirror/${prefix}/stack`;
  return existsSync(note) ? readFileSync(note, "utf8").trim() : "lab";
}

/** The stack's inventory, from Pulumi. @throws when it cannot be read there */
export async function inventoryOf(stack: string, prefix: string | undefined): Promise<Inventory> {
  const { status, stdout, output } = await run(
    [...placeOf(prefix), "pulumi", "stack", "output", "inventory", "--json", "--stack", stack],
    120,
  );
  if (status !== 0) throw new Error(`the inventory of stack ${stack} cannot be read: ${output.trim()}`);
  return parseInventory(stdout, stack, `the output of stack ${stack}`);
}
