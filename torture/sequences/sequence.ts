import type { Torture } from "../killOnce.ts";
import type { Random } from "../../harness/random.ts";
import type { Audit, Mode, Recovery } from "../report/report.ts";
import type { Situation } from "../situation.ts";

/**
 * Faults in a row, with what is waited for and what the operator types in
 * between: two faults can lose what none of them does alone.
 */
export interface Sequence {
  /** As `--kinds` takes it. */
  readonly kind: string;
  /** How often, against the others. */
  readonly weight: number;
  /** Where it makes sense: a cluster takes some things out of an operator's hands. */
  readonly modes: readonly Mode[];
  /**
   * The client runs on the primary's KVM host, so that it goes on when the hosts lose
   * each other. A planned switch comes first, where it does not.
   */
  readonly clientBeside?: boolean;
  /** What it is this time; what is left to chance is drawn from the setting's seed. */
  plan(setting: Setting): Plan;
}

export interface Plan {
  /** Its faults in their order, by name; the report calls it by them: `cut-replication+destroy`. */
  readonly faults: readonly string[];
  /** What has to bring the service back in the end. A cluster may find another way: seen is who is Primary then. */
  readonly recovery: Recovery;
  readonly steps: readonly Step[];
}

/** What a sequence may depend on. */
export interface Setting {
  readonly situation: Situation;
  readonly mode: Mode;
  readonly random: Random;
}

export interface Step {
  readonly name: string;
  /** Does it; what was seen or answered, in one line. @throws when the sequence cannot go on */
  run(scene: Scene): Promise<string | void>;
}

/** A sequence at work: what its steps share. */
export interface Scene extends Torture {
  readonly situation: Situation;
  /** Judgements of steps: what the operator's commands answered, and what had to be seen. */
  readonly audits: Audit[];
  /**
   * Has something taken away at the end, whatever happens; latest first. It must
   * be safe to do twice, and when a step has done it already.
   */
  undo(what: string, action: () => Promise<void>): void;
  /**
   * The primary is lost: what is under way has a moment to hang, and nothing
   * new is written, so that no later write hides a loss.
   */
  rest(): Promise<void>;
  /**
   * Something that must not happen has happened: what is on the disks now is looked at, and no further step is done.
   */
  breakOff(): void;
}
