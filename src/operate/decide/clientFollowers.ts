import type { Inventory, InventoryClient } from "../../inventory/inventory.ts";

/** A group that goes after a client that moves. */
export interface Follower {
  readonly group: string;
  /** The mirror on the KVM host that the client moves to. */
  readonly mirror: string;
}

/**
 * The groups that follow a client to another KVM host, and where they go.
 * @throws when the stack file would be refused then: a group has another client, which stays, or no one mirror is there
 */
export function followersOf(inventory: Inventory, { name, disks }: InventoryClient, to: string): readonly Follower[] {
  const holds = (group: Inventory["groups"][number], one: Pick<InventoryClient, "disks">): boolean =>
    one.disks.some(({ volume }) => group.volumes.includes(volume));
  const following = inventory.groups.filter((group) => group.follows !== undefined && holds(group, { disks }));
  return following.map((group) => {
    const others = inventory.clients.filter((other) => other.name !== name && holds(group, other));
    const members = [name, ...others.map((other) => other.name)].join(" and ");
    if (others.length > 0)
      throw new Error(
        `group ${group.name} follows ${group.follows}, and has ${members}: it cannot be beside both. Set \`active\` ` +
          `of all of them to ${to} in the stack file and run \`pulumi up\`, or write ` +
          `preferredMirror: ${group.preferredMirror} in the place of \`follows\` first`,
      );
    const [mirror, ...more] = inventory.mirrors.filter(({ host }) => host === to);
    if (!mirror || more.length > 0)
      throw new Error(
        `group ${group.name} follows ${name}, and ${to} runs ${mirror ? "both mirrors" : "no mirror"}: write ` +
          `preferredMirror: ${group.preferredMirror} in the place of \`follows\`, run \`pulumi up\`, and repeat`,
      );
    return { group: group.name, mirror: mirror.name };
  });
}
