import { formatAddress } from "../../config/address.ts";
import { type Network, type NetworkRole, networkRoles } from "../../config/machines/networks.ts";
import type { Context } from "../context.ts";

/** A network as one KVM host offers it to guests. */
export interface NetworkPlan {
  readonly role: NetworkRole;
  /** Name of the libvirt network, `<stack>-<role>`. */
  readonly name: string;
  /** Length of the network prefix, for example 24. */
  readonly prefix: number;
  /** Bytes; undefined leaves the default of the bridge. */
  readonly mtu?: number;
  /**
   * An existing bridge of the host, a network of its own without a way out (the
   * host itself may have an address in it), or one behind NAT.
   */
  readonly form:
    | { readonly kind: "bridge"; readonly bridge: string }
    | { readonly kind: "isolated"; readonly hostAddress?: string }
    | { readonly kind: "nat"; readonly hostAddress: string };
}

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
