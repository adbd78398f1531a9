import { z } from "zod";
import { address } from "../address.ts";
import { login } from "../login.ts";
import { wholeNumber } from "../scalars.ts";

const whole = (what: string, least: number, most: number, fallback: number) =>
  wholeNumber(what)
    .min(least, { error: `is too small; use ${least} to ${most} ${what}` })
    .max(most, { error: `is too large; use ${least} to ${most} ${what}` })
    .default(fallback);

const qdeviceSchema = z.strictObject({
  address: address().describe(
    "automatic: a third vote: address, as the mirrors reach it, of a machine in a third place that runs " +
      "corosync-qnetd. Mirrors that live and do not hear each other then do not fence each other; the one that " +
      "the third place chooses goes on. No KVM host of a mirror: it would die with it",
  ),
  port: whole("TCP ports", 1, 65_535, 5403).describe("TCP port of corosync-qnetd"),
  login: login()
    .optional()
    .describe(
      "how the operator's ssh reaches that machine, `[user@]host[:port]`, as root or a user " +
        "with passwordless sudo: `up` has the mirrors' certificate signed there. Its host key is " +
        "in the operator's known_hosts. Default: root at `address`",
    ),
});

export const failoverSchema = z.strictObject({
  mode: z
    .enum(["manual", "automatic"])
    .default("manual")
    .describe(
      "`manual`: an operator's command promotes the other mirror; `automatic`: Pacemaker in the " +
        "mirrors does, after it has fenced the old primary through its KVM host",
    ),
  token: whole("milliseconds", 1000, 60_000, 2000).describe(
    "automatic: milliseconds of silence after which a mirror is suspected " +
      "(corosync's token); it is given up after 2.2 times as long",
  ),
  fenceDelay: whole("seconds", 0, 60, 5).describe(
    "automatic: seconds that fencing waits before it turns off a preferred mirror that still runs, so that only " +
      "one mirror dies when both live but do not hear each other. One that is off already is not waited for",
  ),
  fenceTimeout: whole("seconds", 20, 600, 60).describe("automatic: seconds that one attempt at fencing may take"),
  operationTimeout: whole("seconds", 20, 600, 60).describe(
    "automatic: seconds that one step of the cluster (promote, start, stop, …) may take; emulated mirrors need more",
  ),
  monitorInterval: whole("seconds", 5, 600, 10).describe(
    "automatic: seconds between two looks at the running volumes and exports",
  ),
  diskTimeout: whole("seconds", 20, 600, 30).describe(
    "automatic: seconds for which a data disk of the primary may answer nothing while clients wait; then the " +
      "cluster turns that mirror off, and the other one serves. Longer than storage below takes to heal itself",
  ),
  qdevice: qdeviceSchema.optional().describe("automatic: a third vote"),
});

/** How a group gets another primary. */
export type Failover = z.output<typeof failoverSchema>;
