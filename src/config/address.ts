import { Mistake, written } from "./written.ts";

const form = "write an IPv4 address, for example 10.20.0.11";

/** The 32-bit number of a dotted IPv4 address. Leading zeros are refused: some programs read them as octal. */
export function parseAddress(text: string): number {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255)) {
    throw new Mistake(`is not an IPv4 address; ${form}`);
  }
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
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

/** An IPv4 address in dotted form. */
export const address = () => written((text) => formatAddress(parseAddress(text)), form);
