import type { Inventory } from "../../inventory/inventory.ts";
import { type CommandRecords, commandRecords } from "../act/commandRecords.ts";
import type { Acting } from "./options.ts";

/** What the mirrors get to know of a command that was typed. @param confirm the phrase, if one was typed */
export function recordsOf(inventory: Inventory, { words, screen }: Acting, confirm?: string): CommandRecords {
  return commandRecords({ inventory, words, confirm, note: screen.note });
}
