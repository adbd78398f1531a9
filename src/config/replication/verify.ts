import { Mistake, written } from "../written.ts";

const days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const form =
  'write a day and a time of the mirrors\' clocks, as in "Sun 03:00", "daily 03:00" or "monthly 03:00"; or "never"';

/**
 * When mirrors compare their copies, as systemd writes it (systemd.time(7), calendar events); null: never. `monthly` is
 * the first day of a month.
 */
export type VerifySchedule = string | null;

/** @throws Mistake */
export function parseVerifySchedule(text: string): VerifySchedule {
  if (text === "never") return null;
  const [, day, time] = /^([A-Za-z]+) ((?:[01][0-9]|2[0-3]):[0-5][0-9])$/.exec(text) ?? [];
  if (day === "daily") return `*-*-* ${time}:00`;
  if (day === "monthly") return `*-*-01 ${time}:00`;
  if (day === undefined || !days.includes(day)) throw new Mistake(`is no time to compare the copies at; ${form}`);
  return `${day} *-*-* ${time}:00`;
}

/** The default is what DRBD's User's Guide 8.4 has as its example ("Automating on-line verification"): weekly. */
export const verifySchema = written(parseVerifySchedule, form)
  .prefault("Sun 03:00")
  .describe(
    "when the mirrors compare their copies of every volume (`drbdadm verify`): a day, `daily` or `monthly`, and a " +
      "time of their clocks, as in `Sun 03:00`; or `never`. It only reads; what differs, `status` says",
  );
