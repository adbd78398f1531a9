import type {
  Inventory,
  InventoryClient,
  InventoryHost,
  InventoryMirror,
  InventoryVolume,
} from "../../inventory/inventory.ts";
import type { InventoryExport } from "../../inventory/exports/protocols.ts";
import { findPeer } from "../../plan/placement/pair.ts";

/** @throws when the stack has no such mirror */
export const mirrorNamed = (inventory: Inventory, name: string): InventoryMirror =>
  named(inventory, "mirror", inventory.mirrors, name);

/** The peer of a mirror. @throws when the stack has none */
export function otherMirror({ stack, mirrors }: Inventory, name: string): InventoryMirror {
  const other = findPeer(mirrors, name);
  if (!other) throw new Error(`stack ${stack} has no other mirror than ${name}`);
  return other;
}

/** @throws when the stack has no such KVM host */
export const hostNamed = (inventory: Pick<Inventory, "hosts" | "stack">, name: string): InventoryHost =>
  named(inventory, "KVM host", inventory.hosts, name);

/** @throws when the stack has no such client */
export const clientNamed = (inventory: Inventory, name: string): InventoryClient =>
  named(inventory, "client", inventory.clients, name);

/** @throws when the stack has no such volume */
export const volumeNamed = (inventory: Inventory, name: string): InventoryVolume =>
  named(inventory, "volume", inventory.volumes, name);

/** @throws when the stack does not export the volume so */
export function exportNamed(
  { stack, exports }: Inventory,
  volume: string,
  protocol: InventoryExport["protocol"],
): InventoryExport {
  const item = exports.find((candidate) => candidate.volume === volume && candidate.protocol === protocol);
  if (!item) throw new Error(`stack ${stack} does not export volume ${volume} by ${protocol}`);
  return item;
}

/** Whether clients reach volumes of a group; where not, to serve it is to be Primary. */
export const isExported = ({ groups }: Inventory, group: string): boolean =>
  groups.some(({ name, vip }) => name === group && vip !== undefined);

function named<Item extends { readonly name: string }>(
  { stack }: Pick<Inventory, "stack">,
  kind: string,
  items: readonly Item[],
  name: string,
): Item {
  const item = items.find((candidate) => candidate.name === name);
  if (!item)
    throw new Error(
      `stack ${stack} has no ${kind} ${name}; it has: ${items.map((one) => one.name).join(", ") || "none"}`,
    );
  return item;
}
