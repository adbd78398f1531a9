import type { Inventory } from "../../inventory/inventory.ts";
import { type Observation, observe } from "../observe/observe.ts";
import { readInventory } from "../stack/readInventory.ts";
import type { Common } from "./options.ts";

/** The inventory of the command's stack. @throws when it cannot be read */
export function inventoryFor({ stack, screen }: Common): Promise<Inventory> {
  return screen.during(`reading the inventory of stack ${stack}`, () =>
    readInventory(stack, { say: (line) => screen.note(line) }),
  );
}

/** What mirrors and KVM hosts say now. */
export function look({ screen }: Pick<Common, "screen">, work: () => Promise<Observation>): Promise<Observation> {
  return screen.during("asking mirrors and KVM hosts", work);
}

/** The same, patiently. */
export const lookAt = (inventory: Inventory, common: Pick<Common, "screen">): Promise<Observation> =>
  look(common, () => observe(inventory));
