import { formatAddress, isAddress, parseAddress, unusable } from "./address.ts";
import { Mistake, written } from "./written.ts";

/** An IPv4 network; addresses as 32-bit numbers. */
export interface Cidr {
  /** `10.20.0.0/24`. */
  readonly text: string;
  readonly prefix: number;
  /** Network address. */
  readonly first: number;
  /** Broadcast address. */
  readonly last: number;
}

const form = "write network address/prefix, for example 10.20.0.0/24";
const rangeForm = "write first address/prefix, for example 10.20.0.64/26";

/** Refuses prefixes without room for two mirrors (longer than 29), and ones that no site has (shorter than 8). */
export const parseCidr = (text: string): Cidr =>
  parse(text, form, 29, "a network of ours holds two mirrors, two hosts and a VIP");

/** A part of a network, from which addresses are given away. */
const parseRange = (text: string): Cidr => parse(text, rangeForm, 30, "a range has room for some addresses");

function parse(text: string, wayOut: string, longest: number, why: string): Cidr {
  if (/^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(\/[0-9]+)?$/.test(text))
    throw new Mistake(`is not an IPv4 network; IPv6 is not used here: ${wayOut}`);
  const [, base, digits] = /^([0-9.]+)\/([0-9]{1,2})$/.exec(text) ?? [];
  if (base === undefined || digits === undefined || !isAddress(base)) throw new Mistake(`is not a network; ${wayOut}`);
  const prefix = Number(digits);
  if (prefix < 8 || prefix > longest) throw new Mistake(`has the prefix /${prefix}; use /8 to /${longest}: ${why}`);
  const given = parseAddress(base);
  const size = 2 ** (32 - prefix);
  const first = Math.floor(given / size) * size;
  if (given !== first)
    throw new Mistake(`has bits behind its prefix; the network is ${formatAddress(first)}/${prefix}`);
  const useless = unusable(first);
  if (useless !== undefined)
    throw new Mistake(`${useless}, no network of machines; use a private one, for example 10.20.0.0/24`);
  return { text: `${formatAddress(first)}/${prefix}`, prefix, first, last: first + size - 1 };
}

export function contains(network: Cidr, address: number): boolean {
  return address >= network.first && address <= network.last;
}

export function overlap(one: Cidr, other: Cidr): boolean {
  return one.first <= other.last && other.first <= one.last;
}

/** An IPv4 network in CIDR form. */
export const cidr = () => written(parseCidr, form);

/** A part of an IPv4 network in CIDR form. */
export const range = () => written(parseRange, rangeForm);
