import { parseSchedule, scheduleForm } from "../schedule.ts";
import { written } from "../written.ts";

/** The default is what DRBD's User's Guide 8.4 has as its example ("Automating on-line verification"): weekly. */
export const verifySchema = written((text) => parseSchedule(text, "to compare the copies at"), scheduleForm)
  .prefault("Sun 03:00")
  .describe(
    "when the mirrors compare their copies of every volume (`drbdadm verify`): a day, `daily` or `monthly`, and a " +
      "time of their clocks, as in `Sun 03:00`; or `never`. It only reads; what differs, `status` says",
  );
