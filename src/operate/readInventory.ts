import { execFileSync } from "node:child_process";
import type { Inventory } from "../inventory.ts";

/**
 * The inventory of a stack, from its outputs.
 * @throws when Pulumi cannot read the stack, or `up` has not run yet.
 */
export function readInventory(stack: string): Inventory {
  let text: string;
  try {
    text = execFileSync("pulumi", ["stack", "output", "inventory", "--json", "--stack", stack], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : String(error);
    throw new Error(`the inventory of stack ${stack} cannot be read (has \`pulumi up --stack ${stack}\` run here?): ${said}`);
  }
  return JSON.parse(text) as Inventory;
}
