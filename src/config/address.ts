import { Mistake, written } from "./written.ts";

const form = "write an IPv4 address, for example 10.20.0.11";

/** The 32-bit number of a dotted IPv4 address. Leading zeros are refused: some programs read them as octal. */
export function parseAddress(text: string): number {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255))
    throw new Mistake(`is not an IPv4 address; ${wayOut(text)}`);
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

function wayOut(text: string): string {
  const [, address] = /^([0-9.]+)\/[0-9]+$/.exec(text) ?? [];
  if (address !== undefined && isAddress(address)) return `write it without the prefix: ${address}`;
  if (/^\[?[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*\]?(%.*)?(\/[0-9]+)?$/.test(text)) return `IPv6 is not used here: ${form}`;
  return form;
}

/** Dotted form of a 32-bit number. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

export function isAddress(text: string): boolean {
  try {
    parseAddress(text);
    return true;
  } catch (error) {
    if (error instanceof Mistake) return false;
    throw error;
  }
}

/** What an address or a network of a first byte is, where no machine can have it. */
export function unusable(address: number): string | undefined {
  const first = Math.floor(address / 2 ** 24);
  if (first === 0) return "stands for no address at all";
  if (first === 127) return "is every machine's own loopback";
  if (first >= 240) return "is reserved";
  return first >= 224 ? "is for multicast" : undefined;
}

function machineAddress(text: string): string {
  const address = parseAddress(text);
  const why = unusable(address);
  if (why !== undefined) throw new Mistake(`${why}, no machine's address; ${form}`);
  return formatAddress(address);
}

/** An IPv4 address in dotted form that a machine can have. */
export const address = () => written(machineAddress, form);
