import type { Fault } from "../faults/fault.ts";
import type { Mode, Protocol } from "../report/report.ts";
import type { Sequence } from "../sequences/sequence.ts";
import type { Situation } from "../situation.ts";
import type { System } from "../../harness/system.ts";

/**
 * A protection that is taken away on purpose, and the kill that must then lose
 * something: if torture does not see it, torture is blind.
 */
export interface Control {
  readonly name: string;
  readonly protocols: readonly Protocol[];
  /** All, where it does not say. */
  readonly modes?: readonly Mode[];
  /**
   * Takes the protection away, on running mirrors; `restore` brings it back, after the mirrors came together or not.
   */
  weaken(system: System, situation: Situation): Promise<void>;
  /** The kill that must lose something; or the sequence. */
  readonly fault?: Fault;
  readonly sequence?: Sequence;
  restore(system: System, situation: Situation): Promise<void>;
  /** For the writer: rarer flushes give a cache more to lose. */
  readonly writerOptions: string;
}
