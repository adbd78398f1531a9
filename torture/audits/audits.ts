import type { SlowedTime } from "../../harness/slowedTime.ts";
import type { Audit, Kill } from "../report/report.ts";
import type { Situation } from "../situation.ts";
import { type PrimaryTime, twoPrimaries } from "./roles.ts";

/** Milliseconds by which the clocks of two mirrors may be told apart at most. */
const tolerance = 500;

export interface Evidence {
  readonly began: number;
  readonly recovery: Kill["recovery"];
  readonly times: readonly PrimaryTime[];
  /** Samples of roles since the beginning, of each mirror. */
  readonly samples: readonly number[];
  /** When its host had lost its power, by torture's own hand: libvirt had no time to write it down. */
  readonly powerOff: number | undefined;
  /** Log of libvirt for the machine of the old primary, by the clock of its KVM host. */
  readonly domainLog: string;
  readonly fromHost: SlowedTime["fromHost"];
  /** Kernel messages since the kill: of the client, and of each mirror that answers. */
  readonly clientLog: string;
  readonly mirrorLogs: readonly { readonly mirror: string; readonly log: string }[];
  /** Writes that the guest was told have failed. */
  readonly errors: number;
  /** Boot identities of the client before and after. */
  readonly boots: readonly [string, string];
}

/** The rules, judged from what was recorded. */
export function judge(evidence: Evidence, { primary, standby }: Situation): readonly Audit[] {
  return [
    twoPrimariesAudit(evidence),
    ...(evidence.recovery === "failover" ? [fencedFirst(evidence, primary, standby)] : []),
    guestAudit(evidence),
    forcedAudit(evidence),
  ];
}

function twoPrimariesAudit({ times, samples }: Evidence): Audit {
  const name = "never two primaries";
  if (samples.some((count) => count === 0))
    return { name, passed: null, detail: `samples of the mirrors: ${samples.join(", ")}` };
  const both = twoPrimaries(times, tolerance);
  if (!both) return { name, passed: true, detail: `${samples.join(" and ")} samples` };
  return {
    name,
    passed: false,
    detail: both.map(({ mirror, from, to }) => `${mirror} ${clock(from)} to ${clock(to)}`).join(", "),
  };
}

function fencedFirst(
  { began, times, powerOff, domainLog, fromHost }: Evidence,
  primary: string,
  standby: string,
): Audit {
  const name = "fenced before promoted";
  const down = lastShutdown(domainLog);
  const off = powerOff ?? (down === undefined ? undefined : fromHost(down));
  const promoted = times.find(({ mirror, from }) => mirror === standby && from >= began)?.from;
  if (off === undefined || promoted === undefined)
    return {
      name,
      passed: null,
      detail:
        `${primary} off: ${off === undefined ? "not in libvirt's log" : clock(off)}; ${standby} ` +
        `primary: ${promoted === undefined ? "not seen" : clock(promoted)}`,
    };
  return {
    name,
    passed: off >= began - tolerance && off <= promoted + tolerance,
    detail: `${primary} off at ${clock(off)}, ${standby} primary at ${clock(promoted)}`,
  };
}

/** Milliseconds since 1970 at which a machine's log says that it was shut down last; undefined when it does not say. */
export function lastShutdown(log: string): number | undefined {
  const stamps = [...log.matchAll(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d+)\+0000: shutting down/gm)];
  const last = stamps.at(-1);
  return last === undefined ? undefined : Date.parse(`${last[1]}T${last[2]}Z`);
}

function guestAudit({ clientLog, errors, boots }: Evidence): Audit {
  const name = "no I/O error in the guest";
  const bad = clientLog
    .split("\n")
    .filter((line) => /I\/O error|read-only|blk_update_request|critical target/i.test(line));
  if (boots[0] !== boots[1]) return { name, passed: false, detail: "the client was started anew" };
  return { name, passed: bad.length === 0 && errors === 0, detail: bad[0] ?? `${errors} failed writes` };
}

function forcedAudit({ mirrorLogs }: Evidence): Audit {
  const name = "nothing forced, no split brain";
  if (mirrorLogs.length === 0) return { name, passed: null, detail: "no mirror answers" };
  const bad = mirrorLogs.flatMap(({ mirror, log }) =>
    log
      .split("\n")
      .filter((line) => /Forced to consider|Split-Brain detected/i.test(line))
      .map((line) => `${mirror}: ${line.trim()}`),
  );
  return {
    name,
    passed: bad.length === 0,
    detail: bad[0] ?? `kernel logs of ${mirrorLogs.map(({ mirror }) => mirror).join(", ")}`,
  };
}

const clock = (at: number): string => new Date(at).toISOString().slice(11, 23);
