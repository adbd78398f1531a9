import { formatAddress } from "../../config/address.ts";
import type { Cidr } from "../../config/cidr.ts";
import { shortHash } from "../identity.ts";

/** First and last address of a range that a machine in the network can have. */
export function usableRange(range: Cidr, network: Cidr): { readonly first: number; readonly last: number } {
  return { first: Math.max(range.first, network.first + 1), last: Math.min(range.last, network.last - 1) };
}

/**
 * VIP of a group that names none: a hash of its name picks it. It depends on nothing else, least of all on which other
 * groups there are; that two names may meet is the price (src/check/rules/vips.ts refuses it). Never change this.
 */
export function vipInRange(range: Cidr, network: Cidr, group: string): string {
  const { first, last } = usableRange(range, network);
  return formatAddress(first + (Number.parseInt(shortHash(`vip/${group}`, 12), 16) % (last - first + 1)));
}
