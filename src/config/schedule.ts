import { Mistake } from "./written.ts";

const days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** How a schedule is written. */
export const scheduleForm =
  'write a day and a time of the mirrors\' clocks, as in "Sun 03:00", "daily 03:00" or "monthly 03:00"; or "never"';

/**
 * When mirrors do something by themselves, as systemd writes it (systemd.time(7), calendar events); null: never.
 * `monthly` is the first day of a month.
 */
export type Schedule = string | null;

/**
 * @param purpose what it is a time for: `to compare the copies at`
 * @throws Mistake
 */
export function parseSchedule(text: string, purpose: string): Schedule {
  if (text === "never") return null;
  const [, day, time] = /^([A-Za-z]+) ((?:[01][0-9]|2[0-3]):[0-5][0-9])$/.exec(text) ?? [];
  if (day === "daily") return `*-*-* ${time}:00`;
  if (day === "monthly") return `*-*-01 ${time}:00`;
  if (day === undefined || !days.includes(day)) throw new Mistake(`is no time ${purpose}; ${scheduleForm}`);
  return `${day} *-*-* ${time}:00`;
}
