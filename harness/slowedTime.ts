import { existsSync, readFileSync } from "node:fs";

/** Where a lab's guests have a clock of their own (lab/lib/slowed.sh, docs/slowed-time.md). */
export interface SlowedTime {
  /** How many seconds of the machine a second of the guests takes; 1 where they keep its time. */
  readonly slowness: number;
  /** A moment (ms since 1970) by the guests' clock that a KVM host, which keeps the machine's time, wrote down. */
  readonly fromHost: (at: number) => number;
}

/**
 * What the lab with a prefix has noted; on real hosts, without a prefix, time is what it is.
 * @throws for a damaged note
 */
export function slowedTimeOf(prefix: string | undefined, registry = "/run/kvm-mirror"): SlowedTime {
  const note = `${registry}/${prefix}/.slowed`;
  return prefix !== undefined && existsSync(note)
    ? parseSlowed(readFileSync(note, "utf8"), note)
    : parseSlowed("1 0", note);
}

/**
 * A note: the factor, and when both clocks showed the same (seconds since 1970).
 * @throws naming `note` when it is none
 */
export function parseSlowed(text: string, note: string): SlowedTime {
  const [, factor, epoch] = /^([1-9]\d*) (\d+)\n?$/.exec(text) ?? [];
  if (factor === undefined) throw new Error(`${note} holds no factor and time: ${text.trim()}`);
  const [slowness, began] = [Number(factor), 1000 * Number(epoch)];
  return { slowness, fromHost: (at) => began + (at - began) / slowness };
}
