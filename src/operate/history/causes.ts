import type { Entry } from "./journal.ts";

/** What may have changed a role, or had a role changed, on a mirror. Times are in milliseconds. */
export type Cause =
  /** A script of kvm-mirror, or drbdadm or drbdsetup, that sudo ran for a login. */
  | { readonly kind: "script"; readonly at: number; readonly login: string; readonly words: readonly string[] }
  /** The unit that starts a group at boot and stops it at shutdown. */
  | { readonly kind: "unit"; readonly at: number; readonly group: string; readonly phase: Phase }
  /** An operation of the cluster on a volume. */
  | { readonly kind: "operation"; readonly at: number; readonly volume: string; readonly mirror: string }
  /** The cluster has turned a mirror off. */
  | { readonly kind: "fenced"; readonly at: number; readonly mirror: string; readonly by: string }
  /** A look at a group's exports has failed on a mirror, which the cluster then turns off. */
  | { readonly kind: "failed"; readonly at: number; readonly mirror: string; readonly why: string };

type Phase = "starting" | "started" | "stopping" | "stopped";

/** Reads the entry of a mirror's journal as a cause, if it is one. */
export function causeOf({ at, source, message, unit }: Entry): Cause | undefined {
  if (source === "sudo") return scriptOf(at, message);
  if (source === "unit") return phaseOf(at, message, unit);
  return source === "cluster" ? clusterOf(at, message) : undefined;
}

/** Programs that sudo ran. What it refused to run has a reason before the first `KEY=`. */
function scriptOf(at: number, message: string): Cause | undefined {
  const [, login, program = "", args = ""] =
    /^ *(\S+) : (?:[A-Z]+=.*? ; )+COMMAND=(\S+)(?: (.*))?$/.exec(message) ?? [];
  if (login === undefined) return undefined;
  const words = [program.slice(program.lastIndexOf("/") + 1), ...args.split(" ").filter(Boolean)];
  if (/^drbd(adm|setup)$/.test(words[0] ?? "") && !words.some((word) => /^(primary|secondary|down)$/.test(word)))
    return undefined;
  return { kind: "script", at, login, words };
}

function phaseOf(at: number, message: string, unit: string): Cause | undefined {
  const [, group] = /^kvm-mirror-group@([\w-]+)\.service$/.exec(unit) ?? [];
  const [, verb] = /^(Starting|Started|Finished|Failed to start|Stopping|Stopped)\b/.exec(message) ?? [];
  if (group === undefined || verb === undefined) return undefined;
  const phases: Readonly<Record<string, Phase>> = { Starting: "starting", Stopping: "stopping", Stopped: "stopped" };
  return { kind: "unit", at, group, phase: phases[verb] ?? "started" };
}

/** Pacemaker's words, of 2.0 and 2.1. */
const operation =
  /(?:Requesting local execution of|Result of) (?:promote|demote) operation for drbd-([\w-]+)(?::\d+)? on ([\w-]+)/;
const fencing = /Operation '?(?:reboot|off)'? (?:\[\d+\] )?(?:\([^)]*\) )?targeting ([\w-]+) by ([\w-]+) for .*: OK\b/;
/** A failure with a reason of our own agent's (failed_because). */
const failure = /Unexpected result \(error: (.+)\) was recorded for monitor of exports-[\w-]+ on ([\w-]+) at /;

function clusterOf(at: number, message: string): Cause | undefined {
  const [, volume, on] = operation.exec(message) ?? [];
  if (volume !== undefined && on !== undefined) return { kind: "operation", at, volume, mirror: on };
  const [, why, failed] = failure.exec(message) ?? [];
  if (why !== undefined && failed !== undefined) return { kind: "failed", at, mirror: failed, why };
  const [, mirror, by] = fencing.exec(message) ?? [];
  return mirror === undefined || by === undefined ? undefined : { kind: "fenced", at, mirror, by };
}
