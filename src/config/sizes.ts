import { Mistake, written } from "./written.ts";

export const KiB = 1024;
export const MiB = 1024 ** 2;
export const GiB = 1024 ** 3;
export const TiB = 1024 ** 4;

const units: Readonly<Record<string, number>> = { KiB, MiB, GiB, TiB };
const form = "write a whole number and a unit of 1024, for example 256MiB or 100GiB";

/** Bytes of a size such as `256MiB`. Decimal units are refused: disks and memory are cut in powers of two. */
export function parseSize(text: string): number {
  const [, digits, unit] = /^([0-9]+) ?([A-Za-z]*)$/.exec(text) ?? [];
  if (digits === undefined || unit === undefined) throw new Mistake(`is not a size; ${form}`);
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (factor === undefined) throw new Mistake(wrongUnit(digits.slice(0, 20), unit.slice(0, 20)));
  const bytes = Number(digits) * factor;
  if (bytes === 0) throw new Mistake(`is zero; ${form}`);
  if (!Number.isSafeInteger(bytes)) throw new Mistake("is larger than any disk");
  return bytes;
}

function wrongUnit(digits: string, unit: string): string {
  if (unit === "") return `has no unit; ${form}`;
  if (/^[PEZY]i?B?$/i.test(unit)) return `has the unit ${unit}, which is too large; TiB is the largest: ${form}`;
  const binary = Object.keys(units).find((name) => new RegExp(`^${name[0]}i?b?$`, "i").test(unit));
  if (binary === undefined) return `has the unit ${unit}, which is not known; ${form}`;
  return `has the unit ${unit}; sizes are in units of 1024: write ${digits}${binary}`;
}

/** The size in the largest unit that divides it, for messages. */
export function formatSize(bytes: number): string {
  const [name, factor] = Object.entries(units)
    .reverse()
    .find(([, candidate]) => bytes % candidate === 0) ?? ["B", 1];
  return `${bytes / factor}${name}`;
}

/** About how much, for people: `1.5 GiB`. */
export function readableSize(bytes: number): string {
  const [name, factor] = Object.entries(units)
    .reverse()
    .find(([, candidate]) => bytes >= candidate) ?? ["B", 1];
  return `${(bytes / factor).toFixed(factor === 1 ? 0 : 1)} ${name}`;
}

/** A size, as bytes. */
export const size = () => written(parseSize, form);

/** A size that must be whole MiB: what libvirt's memory and our disks are cut in. */
export const sizeInMiB = () =>
  written((text) => {
    const bytes = parseSize(text);
    if (bytes % MiB !== 0) throw new Mistake("is not a multiple of 1MiB");
    return bytes;
  }, form);
