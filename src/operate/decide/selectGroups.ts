import type { Inventory } from "../../inventory/inventory.ts";

/**
 * Names of the groups that `<volume|group|all>` stands for: a volume moves with all volumes of its group, which share
 * its VIP. A name that both have is the volume's.
 * @throws when the stack has neither
 */
export function selectGroups(inventory: Inventory, selection: string): readonly string[] {
  if (selection === "all") return inventory.groups.map(({ name }) => name);
  const volume = inventory.volumes.find(({ name }) => name === selection);
  if (volume) return [volume.group];
  const names = (all: readonly { readonly name: string }[]): string => all.map(({ name }) => name).join(", ");
  if (!inventory.groups.some(({ name }) => name === selection))
    throw new Error(
      `stack ${inventory.stack} has no volume and no group ${selection}. Volumes: ${names(inventory.volumes)}. ` +
        `Groups: ${names(inventory.groups)}. Or say all`,
    );
  return [selection];
}
