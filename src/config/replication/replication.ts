import { z } from "zod";
import { trueOrFalse, wholeNumber } from "../scalars.ts";
import { Mistake, written } from "../written.ts";

/** Limits of wfc-timeout and degr-wfc-timeout, in seconds (drbd_limits.h of 8.4). */
const longestWait = 300_000;

/** Of the first synchronisation: 30 days. */
const longestDeadline = 30 * 86_400;

const wait = () =>
  wholeNumber("seconds")
    .min(0, { error: "is below 0; 0 waits for ever" })
    .max(longestWait, { error: `is longer than DRBD can be told; use at most ${longestWait}, or 0 to wait for ever` });

/** KiB a second; the limits of drbdadm for c-max-rate (drbd_limits.h of 8.4). */
const smallestRate = 250;
const largestRate = 4 * 1024 ** 2;

const form = "write bytes a second with K, M or G (units of 1024), for example 100M";
const factors = { K: 1, M: 1024, G: 1024 ** 2 } as const;

function checkRate(text: string): string {
  const [, digits, unit] = /^([1-9][0-9]{0,8})([KMG])$/.exec(text) ?? [];
  if (digits === undefined || unit === undefined) throw new Mistake(wrongRate(text));
  const rate = Number(digits) * factors[unit as keyof typeof factors];
  if (rate < smallestRate) throw new Mistake("is less than DRBD can be told; use at least 250K");
  if (rate > largestRate) throw new Mistake("is more than DRBD can be told; use at most 4G");
  return text;
}

function wrongRate(text: string): string {
  const [, digits, unit] = /^([1-9][0-9]{0,8}) ?([kKMG])(?:i?[bB])?(?:\/s|ps)?$/.exec(text) ?? [];
  if (digits !== undefined && unit !== undefined)
    return `is no rate as DRBD writes it; write ${digits}${unit.toUpperCase()}`;
  return /^[0-9]+$/.test(text) ? `has no unit; ${form}` : `is no rate; ${form}`;
}

export const replicationSchema = z.strictObject({
  protocol: z
    .literal("C", { error: "is not offered; an acknowledged write must be on both mirrors, which is protocol C" })
    .default("C")
    .describe("DRBD's protocol; C acknowledges a write when both mirrors have it"),
  resyncRate: written(checkRate, form)
    .prefault("100M")
    .describe("bytes a second (K, M, G: units of 1024) that synchronisation may take"),
  wfcTimeout: wait().default(15).describe("seconds that DRBD's start waits for the peer; 0: for ever"),
  degrWfcTimeout: wait()
    .default(60)
    .describe(
      "the same for a mirror that was alone before it restarted. DRBD waits no longer than wfcTimeout, unless that " +
        "is 0: with both defaults it waits 15 s here, too",
    ),
  waitForFirstSync: trueOrFalse()
    .default(false)
    .describe(
      "whether `pulumi up` waits until both copies are the same; else the " +
        "first synchronisation goes on in the background",
    ),
  firstSyncDeadline: wholeNumber("seconds")
    .min(60, { error: "is too short for a first synchronisation; use at least 60 seconds" })
    .max(longestDeadline, { error: `is too long; use at most ${longestDeadline} seconds, which are 30 days` })
    .default(3600)
    .describe("seconds that `pulumi up` waits for it at the most"),
});

/** DRBD's settings of a volume. */
export type Replication = z.output<typeof replicationSchema>;
