import { z } from "zod";

const seconds = (what: string) =>
  z.int({ error: "is no whole number of seconds" }).min(0, { error: `is below 0; ${what}` });

/** KiB a second; the limits of drbdadm for c-max-rate (drbd_limits.h of 8.4). */
const smallestRate = 250;
const largestRate = 4 * 1024 ** 2;

function rateInKiB(rate: string): number {
  const factors: Readonly<Record<string, number>> = { K: 1, M: 1024, G: 1024 ** 2 };
  return Number(rate.slice(0, -1)) * (factors[rate.slice(-1)] ?? Number.POSITIVE_INFINITY);
}

export const replicationSchema = z.strictObject({
  protocol: z
    .literal("C", { error: "is not offered; an acknowledged write must be on both mirrors, which is protocol C" })
    .default("C")
    .describe("DRBD's protocol; C acknowledges a write when both mirrors have it"),
  resyncRate: z
    .string({
      error: ({ input }) =>
        input === undefined ? undefined : "is no rate; write bytes a second with a unit, for example 100M",
    })
    .regex(/^[1-9][0-9]{0,8}[KMG]$/, {
      error: "is no rate; write bytes a second with a unit of 1024 (K, M, G), for example 100M",
    })
    .refine((rate) => rateInKiB(rate) >= smallestRate, { error: "is less than DRBD can be told; use at least 250K" })
    .refine((rate) => rateInKiB(rate) <= largestRate, { error: "is more than DRBD can be told; use at most 4G" })
    .default("100M")
    .describe("bytes a second (K, M, G: units of 1024) that synchronisation may take"),
  wfcTimeout: seconds("0 waits for ever")
    .default(15)
    .describe("seconds that DRBD's start waits for the peer; 0: for ever"),
  degrWfcTimeout: seconds("0 waits for ever")
    .default(60)
    .describe("the same for a mirror that was alone before it restarted"),
  waitForFirstSync: z
    .boolean({ error: "is neither true nor false" })
    .default(false)
    .describe(
      "whether `pulumi up` waits until both copies are the same; else the " +
        "first synchronisation goes on in the background",
    ),
  firstSyncDeadline: seconds("it must end some day")
    .default(3600)
    .describe("seconds that `pulumi up` waits for it at the most"),
});

/** DRBD's settings of a volume. */
export type Replication = z.output<typeof replicationSchema>;
