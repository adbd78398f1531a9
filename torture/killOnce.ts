import { type Evidence, judge } from "./audits/audits.ts";
import type { RoleSampler } from "./audits/roleSampler.ts";
import type { Bystanders } from "./bystanders.ts";
import type { Fault } from "./faults/fault.ts";
import type { FailoverMode } from "./modes/mode.ts";
import type { Oracle } from "./oracle/oracle.ts";
import type { Random } from "./random.ts";
import { type Disks, readBack, readDisks, type Region } from "./readBack.ts";
import { allPhases, recover, stopsWriting } from "./recovery.ts";
import type { Audit, Kill, Phase, Violation } from "./report/report.ts";
import type { Situation } from "./situation.ts";
import { awaitWhole, primaryOf, verify } from "./system/drbd.ts";
import type { System } from "./system/system.ts";
import { sleep } from "./system/until.ts";

/** Longest waits, in seconds. */
export interface Patience {
  readonly failover: number;
  /** Until writing goes on undisturbed after it. */
  readonly calm: number;
  /** What counts as undisturbed: seconds of the guest's clock without a longer gap than before. */
  readonly steady: number;
  readonly rejoin: number;
  readonly verify: number;
}

export interface Torture {
  readonly system: System;
  readonly mode: FailoverMode;
  readonly oracle: Oracle;
  readonly bystanders: Bystanders;
  readonly samplers: readonly RoleSampler[];
  readonly random: Random;
  readonly run: number;
  readonly region: Region;
  readonly patience: Patience;
  readonly say: (line: string) => void;
}

/**
 * One kill from beginning to end: strike, recover, measure, read back, mend, verify, audit. What fails on the way is an open or broken point of the kill, never
 * passed over: a kill that has struck is on record, also one after which the run cannot go on.
 */
export async function killOnce(torture: Torture, fault: Fault, situation: Situation, number: number): Promise<Kill> {
  const { system, mode, oracle, bystanders, random, patience, say } = torture;
  const before = { boot: await bootOf(system, situation), errors: oracle.history.errors, samples: torture.samplers.map(({ count }) => count) };
  if (number % 2 === 0) await bystanders.read(patience.calm); // otherwise they are idle
  const began = Date.now();
  const kill = { number, kind: fault.kind, target: fault.target(situation), at: new Date(began).toISOString() };
  let recovery = fault.recovery;
  let powerOff: number | undefined;
  say(`kill ${number}: ${fault.kind} of ${kill.target}; ${situation.primary} is primary`);
  oracle.stall.begin();
  const audits: Audit[] = [];
  let phases: readonly Phase[] = [];
  let stall: number | null = null;
  let checked: { blocks: number; violations: readonly Violation[] } | null = null;
  const failed = (name: string, passed: false | null, error: unknown): null => {
    audits.push({ name, passed, detail: messageOf(error) });
    say(`  ${messageOf(error)}`);
    return null;
  };
  const attempt = async <Result>(name: string, passed: false | null, action: () => Promise<Result>): Promise<Result | null> => {
    try {
      return await action();
    } catch (error) {
      return failed(name, passed, error);
    }
  };
  try {
    const struck = await fault.strike(system, situation, random, mode);
    if (fault.needsWord) powerOff = Date.now();
    const resting = restInFlight(torture, fault);
    const striking = (Date.now() - began) / 1000;
    phases = await recover(torture, fault, situation);
    // By hand nothing happens before the command, and a kernel that shall crash takes its time.
    if (fault.recovery === "failover" && !mode.phasesOf) phases = [{ name: "before the command", seconds: striking }, ...phases];
    await Promise.all([resting, struck?.beside]);
    if (!stopsWriting(fault)) await oracle.awaitCalm(patience.steady, patience.calm);
    await oracle.pause(patience.calm);
    const primary = await primaryAnswering(torture, situation);
    checked = await readBack(system, situation, primary, oracle.history, torture.run, torture.region);
    if (primary === situation.standby && (recovery === "none" || recovery === "return")) recovery = fault.handsOver ? "switch" : "failover";
    if (primary === situation.primary && recovery === "failover") recovery = "return";
    await oracle.resume();
    await oracle.awaitCalm(patience.steady, patience.calm);
    stall = oracle.stall.longest;
    audits.push(...(await bystanders.judge(patience.calm)));
    if (fault.recovery !== "none") phases = await allPhases(torture, situation, { began, stall, recovery, known: phases });
    say(`  stall ${stall.toFixed(1)} s${phases.length === 0 ? "" : `: ${phases.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)}`).join(", ")}`}`);
  } catch (error) {
    bystanders.abandon();
    failed("service comes back", false, error);
  }
  const acknowledged = oracle.history.acknowledged;
  await attempt("the writer goes on", null, () => oracle.resume());
  const rejoined = await attempt("both mirrors come together", false, async () => {
    await fault.mend(system, situation, mode);
    await awaitWhole(system, patience.rejoin);
    return (Date.now() - began) / 1000;
  });
  const compared = rejoined === null ? null : await attempt("the copies are compared", false, async () => {
    await oracle.pause(patience.calm);
    const outOfSync = await verify(system, await primaryAnswering(torture, situation), situation.volume.name, patience.verify);
    return { outOfSync, disks: await readDisks(system, situation, oracle.history, torture.run, torture.region) };
  });
  const outOfSync = compared?.outOfSync ?? null;
  if (compared !== null) audits.push(disksAudit(compared.disks));
  await attempt("the writer goes on", null, () => oracle.resume());
  const evidence = await attempt("evidence", null, () => gather(torture, recovery, situation, { began, powerOff }, before));
  if (evidence !== null) audits.push(...judge(evidence, situation));
  say(`  ${checked === null ? "no read-back" : `${checked.violations.length} violations in ${checked.blocks} blocks`}; whole after ${rejoined?.toFixed(0) ?? "–"} s; verify ${outOfSync ?? "–"}; ${audits.filter(({ passed }) => passed !== true).map(({ name, detail }) => `${name}: ${detail}`).join("; ") || "audits passed"}`);
  return { ...kill, recovery, stall, phases, readBack: checked && { blocks: checked.blocks, acknowledged }, rejoined, outOfSync, violations: [...(checked?.violations ?? []), ...(compared?.disks.violations ?? [])], audits };
}

/**
 * After a kill that stops all writing: nothing new is begun, from a moment when every thread hangs in its write. What is then read back is what was there at the
 * kill and what was under way, and no later write hides a loss.
 */
async function restInFlight({ oracle }: Torture, fault: Fault): Promise<void> {
  if (!stopsWriting(fault)) return;
  await sleep(1.5);
  oracle.askForPause();
}

function disksAudit({ blocks, violations, differing }: Disks): Audit {
  const detail = `${blocks} blocks below DRBD: ${violations.length} violations, ${differing} blocks that the disks do not have in common`;
  return { name: "both disks hold what was acknowledged", passed: violations.length === 0 && differing === 0, detail };
}

/** @throws when no mirror says that it is Primary. */
async function primaryAnswering({ system }: Torture, { volume }: Situation): Promise<string> {
  const primary = await primaryOf(system, volume.name);
  if (primary === undefined) throw new Error(`no mirror says that it is Primary of ${volume.name}`);
  return primary;
}

interface Before {
  readonly boot: string;
  readonly errors: number;
  readonly samples: readonly number[];
}

async function gather({ system, oracle, samplers }: Torture, recovery: Kill["recovery"], situation: Situation, { began, powerOff }: { began: number; powerOff: number | undefined }, before: Before): Promise<Evidence> {
  const since = `--since '@${Math.floor(began / 1000)}'`;
  const logs = await Promise.all(
    system.inventory.mirrors.map(async ({ name }) => {
      try {
        return [{ mirror: name, log: await system.onMirror(name, `journalctl -k --no-pager -q ${since}`) }];
      } catch {
        return []; // a mirror that is off has no log to show; that is no evidence against anybody
      }
    }),
  );
  return {
    began,
    powerOff,
    recovery,
    times: samplers.flatMap((sampler) => sampler.times(began)),
    samples: samplers.map((sampler, index) => sampler.count - (before.samples[index] ?? 0)),
    domainLog: await system.onHost(situation.primaryHost, `grep 'shutting down' /var/log/libvirt/qemu/${situation.primary}.log | tail -n 3 || true`),
    clientLog: await system.onClient(situation.client.name, `journalctl -k --no-pager -q ${since}`),
    mirrorLogs: logs.flat(),
    errors: oracle.history.errors - before.errors,
    boots: [before.boot, await bootOf(system, situation)],
  };
}

const bootOf = async (system: System, { client }: Situation): Promise<string> => (await system.onClient(client.name, "cat /proc/sys/kernel/random/boot_id")).trim();
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
