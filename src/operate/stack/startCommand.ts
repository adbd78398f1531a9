import { libvirtHost, libvirtLogin } from "../../config/libvirtUri.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import { hostNamed, mirrorNamed } from "./named.ts";

/** What an operator types to start a mirror on its KVM host, never from memory that was saved. */
export function startCommand(inventory: Inventory, mirror: string): string {
  const { uri } = hostNamed(inventory, mirrorNamed(inventory, mirror).host);
  const start = `virsh start --force-boot ${mirror}`;
  const host = libvirtHost(uri);
  if (host === "localhost") return start;
  const { user, port } = libvirtLogin(uri);
  return `ssh ${port === 22 ? "" : `-p ${port} `}${user}@${host} ${start}`;
}
