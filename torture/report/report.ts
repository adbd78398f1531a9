/**
 * What torture runs have found: the file that `npm run torture` writes,
 * that `merge` puts together and that the page is made of.
 * Times of day are ISO 8601 in UTC, durations are seconds.
 */

export type Mode = "manual" | "automatic";
export type Protocol = "nbd" | "iscsi";

/**
 * What brought the service back: a planned switch, a failover, the return of a
 * mirror that was away, or nothing, because the primary stayed.
 */
export type Recovery = "switch" | "failover" | "return" | "none";

/** One of the things that were broken on purpose, and all that was seen of it. */
export interface Kill {
  /** 1 for the first of its run. */
  readonly number: number;
  /** Its kind, for example `destroy` or `replication-cut`. */
  readonly kind: string;
  /** What it was done to: a mirror, a KVM host or a network. */
  readonly target: string;
  readonly at: string;
  readonly recovery: Recovery;
  /** Longest gap between acknowledgements from the kill to steady writing. Null: writing did not come back. */
  readonly stall: number | null;
  /** What the stall was spent on, in order, as far as it could be told. */
  readonly phases: readonly Phase[];
  /** Blocks compared with the oracle, by a fresh connection, and acknowledged writes up to then. Null: no read-back. */
  readonly readBack: { readonly blocks: number; readonly acknowledged: number } | null;
  /** Seconds from the kill until both copies were UpToDate again. Null: they were not. */
  readonly rejoined: number | null;
  /** Sectors that `drbdadm verify` found to differ. Null: verify did not end. */
  readonly outOfSync: number | null;
  /** Contents that the contract forbids. */
  readonly violations: readonly Violation[];
  readonly audits: readonly Audit[];
  /** What each mirror that lived did from the kill until the service was back; older reports do not tell. */
  readonly work?: readonly MirrorWork[] | undefined;
  /** Two or more faults in a row, step by step; a single kill has none. */
  readonly sequence?: Sequence | undefined;
}

/** What was done in a sequence: faults, waits, and the operator's commands with their answers. */
export interface Sequence {
  /** Its kind, as `--kinds` takes it; the faults alone are the kill's kind, for example `cut-replication+destroy`. */
  readonly kind: string;
  readonly steps: readonly SequenceStep[];
}

export interface SequenceStep {
  readonly name: string;
  /** Seconds from the beginning of the sequence to that of the step. */
  readonly at: number;
  readonly seconds: number;
  /** What was seen or answered, one line; empty where there is nothing to tell. */
  readonly seen: string;
}

/** What a mirror had to do. */
export interface MirrorWork {
  readonly mirror: string;
  /** What it was for the volume before the kill. */
  readonly was: "primary" | "standby";
  /** Processes, subshells and threads that were begun. */
  readonly processes: number;
  /** Seconds of its processors. */
  readonly cpu: number;
}

export interface Phase {
  readonly name: string;
  readonly seconds: number;
}

export interface Violation {
  /** What the checker calls it, for example `lost` or `torn`. */
  readonly kind: string;
  /** Block number on the volume. */
  readonly lba: number;
  /** One line for a person: what was found, what is legal. */
  readonly detail: string;
}

/**
 * A rule that is checked from the outside: fenced before promoted, never two
 * primaries, no I/O error in the guest, nothing forced.
 */
export interface Audit {
  readonly name: string;
  /** Null: it could not be checked; that is no pass. */
  readonly passed: boolean | null;
  readonly detail: string;
}

export interface Run {
  /** Unique: reports that hold the same run are not merged. */
  readonly id: string;
  readonly stack: string;
  readonly mode: Mode;
  readonly protocol: Protocol;
  readonly seed: number;
  readonly virtualization: "kvm" | "qemu";
  /** Seconds of the machine that each second here took; left out where guests kept the machine's time. */
  readonly slowness?: number | undefined;
  readonly started: string;
  readonly ended: string;
  /** Shortest stall that the settings allow: detection time-out and fencing, measured in this run or set. */
  readonly floor: readonly Phase[];
  /** Name of the negative control: something was weakened on purpose, and losses are what is expected. */
  readonly control: string | null;
  readonly kills: readonly Kill[];
}

export interface Report {
  readonly version: 1;
  readonly runs: readonly Run[];
}
