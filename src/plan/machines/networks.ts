import { formatAddress } from "../../config/address.ts";
import type { Network } from "../../config/machines/networks.ts";
import type { Context } from "../context.ts";
import { type NetworkPlan, type NetworkRole, networkRoles } from "../plan.ts";

/** The networks as a KVM host offers them to guests. */
export function planNetworks({ config, stack }: Context, storageAddress: string): readonly NetworkPlan[] {
  return networkRoles.map((role) => {
    const network = config.networks[role];
    return {
      role,
      name: `${stack}-${role}`,
      prefix: network.cidr.prefix,
      ...(network.mtu === undefined ? {} : { mtu: network.mtu }),
      form: form(network, role, storageAddress),
    };
  });
}

/**
 * Gateway and name servers of the guests in a network; behind NAT both are
 * the KVM host, unless the configuration says otherwise.
 */
export function guestRoutes(network: Network): { readonly gateway?: string; readonly dns: readonly string[] } {
  const gateway = network.gateway ?? (network.nat ? natAddress(network) : undefined);
  const dns = network.dns.length > 0 || !network.nat ? network.dns : [natAddress(network)];
  return { ...(gateway === undefined ? {} : { gateway }), dns };
}

/** Address of the KVM host in a network behind NAT: its first. */
function natAddress(network: Pick<Network, "cidr">): string {
  return formatAddress(network.cidr.first + 1);
}

function form(network: Network, role: NetworkRole, storageAddress: string): NetworkPlan["form"] {
  if (network.bridge !== undefined) return { kind: "bridge", bridge: network.bridge };
  if (network.nat) return { kind: "nat", hostAddress: natAddress(network) };
  // The KVM host's QEMU connects to the exports, so the host itself must be in the storage network.
  return role === "storage" ? { kind: "isolated", hostAddress: storageAddress } : { kind: "isolated" };
}
