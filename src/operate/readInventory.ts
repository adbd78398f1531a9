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
    throw new Error(`the inventory of stack ${stack} cannot be read: ${reason(stack, error)}`);
  }
  return JSON.parse(text) as Inventory;
}

function reason(stack: string, error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "ENOENT") {
    return ["lab", "lab-automatic"].includes(stack) ? "no lab is up; `npm run lab` starts it" : "there is no `pulumi` on PATH";
  }
  const said = "stderr" in error && typeof error.stderr === "string" ? error.stderr.trim() : error.message;
  return `${said} (has \`pulumi up --stack ${stack}\` run with this backend?)`;
}
