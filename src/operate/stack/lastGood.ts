import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname } from "node:path";
import type { Inventory } from "../../inventory/inventory.ts";
import { parseInventory, shortName } from "./inventorySchema.ts";

/** Where this operator's machine keeps the last good inventory of a stack; keep-inventory.sh writes it, too. */
export function lastGoodFile(stack: string): string {
  return `${lastGoodFolder()}/${shortName(stack)}/inventory.json`;
}

const lastGoodFolder = (): string => `${process.env.XDG_STATE_HOME || `${homedir()}/.local/state`}/kvm-mirror`;

/** The stacks of which this machine keeps one, whichever project they are of. */
export function keptStacks(): readonly string[] {
  const folder = lastGoodFolder();
  return existsSync(folder) ? readdirSync(folder).filter((stack) => existsSync(lastGoodFile(stack))) : [];
}

/** When this machine last got a good inventory of a stack; undefined when it never did. */
export function lastGoodDate(stack: string): Date | undefined {
  const file = lastGoodFile(stack);
  return existsSync(file) ? statSync(file).mtime : undefined;
}

/** @throws when there is none, or it cannot be understood */
export function readLastGood(stack: string): Inventory {
  const file = lastGoodFile(stack);
  return parseInventory(readFileSync(file, "utf8"), stack, file);
}

/** Keeps an inventory, whole or not at all. @throws when the disk does not take it */
export function keepLastGood(inventory: Inventory): void {
  const file = lastGoodFile(inventory.stack);
  const fresh = `${file}.${process.pid}`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(fresh, `${JSON.stringify(inventory, undefined, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(fresh, file);
}
