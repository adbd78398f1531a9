import type { FailoverMode } from "../modes/mode.ts";
import type { Random } from "../../harness/random.ts";
import type { Phase, Recovery } from "../report/report.ts";
import type { Situation } from "../situation.ts";
import type { System } from "../../harness/system.ts";

/** Something that goes wrong, on purpose. */
export interface Fault {
  readonly kind: string;
  /** How often, against the others. */
  readonly weight: number;
  /** What has to bring the service back. */
  readonly recovery: Recovery;
  /** The old primary cannot be turned off by anybody, so that the operator's confirmation has to stand for it. */
  readonly needsWord?: boolean;
  /** The primary lives on, and a cluster may have it hand the group over, without fencing: that is no failover. */
  readonly handsOver?: boolean;
  /** Whether it makes sense as things stand. */
  possible(situation: Situation): boolean;
  /** What it is done to. */
  target(situation: Situation): string;
  /**
   * Does it. What lasts a while (a cut) is over when this ends, unless `recovery`
   * is failover. Returned is what goes on beside the recovery, and what was measured of it.
   */
  strike(
    system: System,
    situation: Situation,
    random: Random,
    mode: FailoverMode,
  ): Promise<void | { readonly beside: Promise<void>; readonly phases?: readonly Phase[] }>;
  /** Takes away what a failover left of it; after this both mirrors can be UpToDate again. */
  mend(system: System, situation: Situation, mode: FailoverMode): Promise<void>;
}
