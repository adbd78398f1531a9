import type { Mode, Phase } from "../report/report.ts";
import type { Situation } from "../situation.ts";
import type { System } from "../../harness/system.ts";
import { until } from "../../harness/until.ts";

/** How service comes back after a failure: what differs between a stack with an operator and one with a cluster. */
export interface FailoverMode {
  readonly name: Mode;
  /**
   * Brings the group to the standby after the primary was lost, or waits until the cluster
   * has. With `word`, the operator's confirmation stands for the old primary's
   * death. Returns what the time was spent on. @throws when it did not come.
   */
  failover(
    system: System,
    situation: Situation,
    options: { readonly seconds: number; readonly word: boolean },
  ): Promise<readonly Phase[]>;
  /**
   * What the time up to the service's return was spent on, from the new primary's
   * journal (`short-unix`); began: the kill, by that mirror's clock.
   */
  phasesOf?(journal: string, situation: Situation, began: number): readonly Phase[];
  /** Planned switch of the group to the standby. @throws when it was refused or failed. */
  switchOver(system: System, situation: Situation, seconds: number): Promise<readonly Phase[]>;
  /** Lets a mirror that was turned off take part again. Safe when it runs already. */
  comeBack(system: System, mirror: string, host: string): Promise<void>;
}

/**
 * Starts a mirror's machine, unless it runs. A cluster that is fencing it at the same time (off, then on) may end what
 * was just started: then once more.
 */
export async function startMirror(system: System, mirror: string, host: string): Promise<void> {
  const command =
    `state=$(virsh domstate ${mirror}) || exit 1; [ "$state" = 'shut off' ] || [ ` +
    `"$state" = crashed ] || exit 0; virsh start ${mirror}`;
  await until(`${mirror} is on`, 60, async () => void (await system.onHost(host, command)));
}
