import { libvirtHost, libvirtLogin } from "../../config/libvirtUri.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import { hostNamed, mirrorNamed } from "./named.ts";

/** What an operator types to start a mirror on its KVM host, never from memory that was saved. */
export const startCommand = (inventory: Inventory, mirror: string): string =>
  onItsHost(inventory, mirror, `virsh start --force-boot ${mirror}`);

/** What an operator types to turn a mirror off at its KVM host, as its plug would. */
export const stopCommand = (inventory: Inventory, mirror: string): string =>
  onItsHost(inventory, mirror, `virsh destroy ${mirror}`);

function onItsHost(inventory: Inventory, mirror: string, command: string): string {
  const { uri } = hostNamed(inventory, mirrorNamed(inventory, mirror).host);
  const host = libvirtHost(uri);
  if (host === "localhost") return command;
  const { user, port } = libvirtLogin(uri);
  return `ssh ${port === 22 ? "" : `-p ${port} `}${user}@${host} ${command}`;
}
