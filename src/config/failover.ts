import { z } from "zod";

const whole = (what: string, least: number, most: number, fallback: number) =>
  z
    .int({ error: `is no whole number of ${what}` })
    .min(least, { error: `is too small; use ${least} to ${most} ${what}` })
    .max(most, { error: `is too large; use ${least} to ${most} ${what}` })
    .default(fallback);

export const failoverSchema = z.strictObject({
  mode: z
    .enum(["manual", "automatic"])
    .default("manual")
    .describe("`manual`: an operator's command promotes the other mirror; `automatic`: Pacemaker in the mirrors does, after it has fenced the old primary through its KVM host"),
  token: whole("milliseconds", 1000, 60_000, 2000).describe("automatic: milliseconds of silence after which a mirror is suspected (corosync's token); it is given up after 2.2 times as long"),
  fenceDelay: whole("seconds", 0, 60, 3).describe(
    "automatic: seconds that fencing waits before it turns off a preferred primary that still runs, so that only one mirror dies when both live but do not hear each other. One that is off already is not waited for",
  ),
  fenceTimeout: whole("seconds", 20, 600, 60).describe("automatic: seconds that one attempt at fencing may take"),
  operationTimeout: whole("seconds", 20, 600, 60).describe("automatic: seconds that one step of the cluster (promote, start, stop, …) may take; emulated mirrors need more"),
  monitorInterval: whole("seconds", 5, 600, 10).describe("automatic: seconds between two looks at the running volumes and exports"),
});

/** How a group gets another primary. */
export type Failover = z.output<typeof failoverSchema>;
