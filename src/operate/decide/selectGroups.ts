import type { Inventory } from "../../inventory.ts";

/**
 * Names of the groups that `<volume|all>` stands for: a volume moves
 * with all volumes of its group, which share its VIP.
 * @throws when the stack has no such volume
 */
export function selectGroups(inventory: Inventory, selection: string): readonly string[] {
  if (selection === "all") return inventory.groups.map(({ name }) => name);
  const volume = inventory.volumes.find(({ name }) => name === selection);
  if (!volume)
    throw new Error(
      `stack ${inventory.stack} has no volume ${selection}; it has: ` +
        `${inventory.volumes.map(({ name }) => name).join(", ")} (or say all)`,
    );
  return [volume.group];
}
