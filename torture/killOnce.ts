import { type Evidence, judge } from "./audits/audits.ts";
import type { RoleSampler } from "./audits/roleSampler.ts";
import type { Fault } from "./faults/fault.ts";
import type { FailoverMode } from "./modes/mode.ts";
import type { Oracle } from "./oracle/oracle.ts";
import type { Random } from "./random.ts";
import { readBack, type Region } from "./readBack.ts";
import type { Audit, Kill, Phase, Violation } from "./report/report.ts";
import type { Situation } from "./situation.ts";
import { awaitWhole, primaryOf, verify } from "./system/drbd.ts";
import type { System } from "./system/system.ts";

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
  readonly samplers: readonly RoleSampler[];
  readonly random: Random;
  readonly run: number;
  readonly region: Region;
  readonly patience: Patience;
  readonly say: (line: string) => void;
}

/**
 * One kill from beginning to end: strike, recover, measure, read back, mend, verify, audit. What fails on the way is an open or broken point of the kill, never
 * passed over.
 * @throws when what follows would say nothing any more: the oracle's story broke off, or the fault cannot be mended.
 */
export async function killOnce(torture: Torture, fault: Fault, situation: Situation, number: number): Promise<Kill> {
  const { system, mode, oracle, random, patience, say } = torture;
  const before = { boot: await bootOf(system, situation), errors: oracle.history.errors, samples: torture.samplers.map(({ count }) => count) };
  const began = Date.now();
  const kill = { number, kind: fault.kind, target: fault.target(situation), at: new Date(began).toISOString(), recovery: fault.recovery };
  say(`kill ${number}: ${fault.kind} of ${kill.target}; ${situation.primary} is primary`);
  oracle.stall.begin();
  const audits: Audit[] = [];
  let phases: readonly Phase[] = [];
  let stall: number | null = null;
  let checked: { blocks: number; violations: readonly Violation[] } | null = null;
  try {
    await fault.strike(system, situation, random, mode);
    phases = await recover(torture, fault, situation);
    await oracle.awaitCalm(patience.steady, patience.calm);
    stall = oracle.stall.longest;
    say(`  stall ${stall.toFixed(1)} s; reading back`);
    await oracle.pause(patience.calm);
    checked = await readBack(system, situation, (await primaryOf(system, situation.volume.name)) ?? situation.standby, oracle.history, torture.run, torture.region);
    await oracle.resume();
  } catch (error) {
    oracle.check();
    audits.push({ name: "service comes back", passed: false, detail: messageOf(error) });
    say(`  ${messageOf(error)}`);
  }
  const acknowledged = oracle.history.acknowledged;
  await fault.mend(system, situation, mode);
  let rejoined: number | null = null;
  let outOfSync: number | null = null;
  try {
    await awaitWhole(system, patience.rejoin);
    rejoined = (Date.now() - began) / 1000;
    await oracle.pause(patience.calm);
    outOfSync = await verify(system, (await primaryOf(system, situation.volume.name)) ?? situation.primary, situation.volume.name, patience.verify);
    await oracle.resume();
  } catch (error) {
    oracle.check();
    audits.push({ name: "both mirrors come together", passed: false, detail: messageOf(error) });
    say(`  ${messageOf(error)}`);
  }
  const evidence = await gather(torture, fault, situation, began, before);
  audits.push(...judge(evidence, situation));
  say(`  ${checked === null ? "no read-back" : `${checked.violations.length} violations in ${checked.blocks} blocks`}; whole after ${rejoined?.toFixed(0) ?? "–"} s; verify ${outOfSync ?? "–"}; ${audits.filter(({ passed }) => passed !== true).map(({ name, detail }) => `${name}: ${detail}`).join("; ") || "audits passed"}`);
  return { ...kill, stall, phases, readBack: checked && { blocks: checked.blocks, acknowledged }, rejoined, outOfSync, violations: checked?.violations ?? [], audits };
}

async function recover({ system, mode, patience }: Torture, fault: Fault, situation: Situation): Promise<readonly Phase[]> {
  if (fault.recovery === "none") return [];
  // A switch that was under way may have ended well before its primary died.
  if (fault.recovery === "failover" && (await primaryOf(system, situation.volume.name)) === situation.standby) return [];
  return fault.recovery === "switch" ? mode.switchOver(system, situation, patience.failover) : mode.failover(system, situation, patience.failover);
}

interface Before {
  readonly boot: string;
  readonly errors: number;
  readonly samples: readonly number[];
}

async function gather({ system, oracle, samplers }: Torture, fault: Fault, situation: Situation, began: number, before: Before): Promise<Evidence> {
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
    recovery: fault.recovery,
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
