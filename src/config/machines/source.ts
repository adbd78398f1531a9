import { parseAddress, formatAddress } from "../address.ts";
import { Mistake } from "../written.ts";

export const sourceForm = "write an IPv4 network or address, for example 10.40.0.0/16 or 10.40.0.7";

/**
 * Where connections come from: a network in CIDR form of any size, or one address, which is a network of /32.
 * @throws Mistake
 */
export function parseSource(text: string): string {
  if (/^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(\/[0-9]+)?$/.test(text))
    throw new Mistake(`is no IPv4 network; IPv6 is not used here: ${sourceForm}`);
  const [, base, digits = "32"] = /^([0-9.]+)(?:\/([0-9]{1,2}))?$/.exec(text) ?? [];
  const prefix = Number(digits);
  if (base === undefined || prefix > 32) throw new Mistake(`is neither a network nor an address; ${sourceForm}`);
  const given = parseAddress(base);
  const size = 2 ** (32 - prefix);
  const first = formatAddress(Math.floor(given / size) * size);
  if (first !== base) throw new Mistake(`has bits behind its prefix; the network is ${first}/${prefix}`);
  return `${first}/${prefix}`;
}
