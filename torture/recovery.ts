import type { RoleSampler } from "./audits/roleSampler.ts";
import type { Fault } from "./faults/fault.ts";
import type { FailoverMode } from "./modes/mode.ts";
import type { Kill, Phase } from "./report/report.ts";
import type { Situation } from "./situation.ts";
import { isPrimary, primaryOf } from "../harness/drbd.ts";
import type { System } from "../harness/system.ts";
import { until } from "../harness/until.ts";
import { messageOf } from "../plugins/serving/messageOf.ts";

/** What brings the service back, and how long the parts of that take. */
interface Recovering {
  readonly system: System;
  readonly mode: FailoverMode;
  readonly samplers: readonly RoleSampler[];
  /** Longest waits, in seconds. */
  readonly patience: { readonly failover: number; readonly rejoin: number };
  readonly say: (line: string) => void;
}

/** Whether nothing is written until the service is back. */
export const stopsWriting = ({ recovery }: Fault): boolean => recovery === "failover" || recovery === "return";

/**
 * Has the service brought back, as the fault asks for. Returns what the time was
 * spent on, as far as it is known here. @throws when it did not come.
 */
export async function recover(
  { system, mode, patience }: Recovering,
  fault: Fault,
  situation: Situation,
): Promise<readonly Phase[]> {
  if (fault.recovery === "none") return [];
  if (fault.recovery === "return") return comeBack(system, mode, situation, patience.rejoin);
  // A switch that was under way may have ended well before its primary died. The dead
  // one is not asked: that would take long, and count as stall.
  if (fault.recovery === "failover" && (await isPrimary(system, situation.standby, situation.volume.name))) return [];
  return fault.recovery === "switch"
    ? mode.switchOver(system, situation, patience.failover)
    : mode.failover(system, situation, { seconds: patience.failover, word: fault.needsWord ?? false });
}

/** Somebody pushes the power buttons; then a mirror has to be Primary without a hand. */
export async function comeBack(
  system: System,
  mode: FailoverMode,
  { primary, primaryHost, standby, standbyHost, volume }: Situation,
  seconds: number,
): Promise<readonly Phase[]> {
  const began = Date.now();
  await mode.comeBack(system, primary, primaryHost);
  await mode.comeBack(system, standby, standbyHost);
  await until(`a mirror is Primary of ${volume.name} again`, seconds, async () =>
    (await primaryOf(system, volume.name)) === undefined ? "none is" : undefined,
  );
  return [{ name: "boot, synchronisation, promotion", seconds: (Date.now() - began) / 1000 }];
}

/**
 * What is known from the mode's own measurements or the new primary's journal,
 * and what is left of the stall: the client's next attempt.
 */
export async function allPhases(
  { system, mode, samplers, say }: Recovering,
  situation: Situation,
  {
    began,
    stall,
    recovery,
    known,
  }: { began: number; stall: number; recovery: Kill["recovery"]; known: readonly Phase[] },
): Promise<readonly Phase[]> {
  let phases = known;
  const offset = samplers.find(({ mirror }) => mirror === situation.standby)?.offset;
  if (recovery === "failover" && mode.phasesOf && offset !== undefined) {
    const from = (began - offset) / 1000;
    try {
      phases = mode.phasesOf(
        await system.onMirror(situation.standby, `journalctl -q --no-pager -o short-unix --since @${Math.floor(from)}`),
        situation,
        from,
      );
    } catch (error) {
      say(`  the phases are not known: ${messageOf(error)}`);
    }
  }
  const rest = stall - phases.reduce((sum, { seconds }) => sum + seconds, 0);
  return phases.length === 0 || rest <= 0
    ? within(stall, phases)
    : [...phases, { name: "client's next attempt", seconds: rest }];
}

/** What of the phases belongs to the stall: an NBD client writes again while the iSCSI targets are still being made. */
function within(stall: number, phases: readonly Phase[]): readonly Phase[] {
  let left = stall;
  return phases.flatMap(({ name, seconds }) => {
    const of = Math.min(seconds, left);
    left -= of;
    return of > 0 ? [{ name, seconds: of }] : [];
  });
}
