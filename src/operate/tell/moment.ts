import { Refused } from "../../refused.ts";

const units: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 };

/**
 * A moment as it was typed: so long ago (`90m`, `2h`, `3d`), or a time (`2026-11-27 13:00`, UTC unless it says
 * otherwise).
 * @param now in seconds since 1970
 * @returns seconds since 1970
 * @throws Refused for what is neither
 */
export function momentOf(text: string, now: number): number {
  const [, number, unit = ""] = /^([0-9]{1,6})([mhd])$/.exec(text) ?? [];
  if (number !== undefined) return now - Number(number) * (units[unit] ?? 0);
  const [, day, time, zone] =
    /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?))?( ?UTC|Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  const offset = zone === undefined || /UTC/.test(zone) ? "Z" : zone;
  const moment = day === undefined ? Number.NaN : Date.parse(`${day}T${time ?? "00:00"}${offset}`) / 1000;
  if (!Number.isFinite(moment))
    throw new Refused(`"${text}" is no moment: type so long ago (90m, 2h, 3d), or a time in UTC ("2026-11-27 13:00")`);
  return moment;
}
