import { type Evidence, judge } from "./audits/audits.ts";
import type { RoleSampler } from "./audits/roleSampler.ts";
import type { Bystanders } from "./bystanders.ts";
import type { Fault } from "./faults/fault.ts";
import type { FailoverMode } from "./modes/mode.ts";
import type { Oracle } from "./oracle/oracle.ts";
import type { Random } from "../harness/random.ts";
import { type Disks, readBack, readDisks, type Region } from "./readBack.ts";
import { allPhases, recover, stopsWriting } from "./recovery.ts";
import type { Audit, Kill, MirrorWork, Phase, Recovery, Violation } from "./report/report.ts";
import { located, type Situation } from "./situation.ts";
import { awaitWhole, primaryOf, verify } from "../harness/drbd.ts";
import type { System } from "../harness/system.ts";
import { sleep } from "../harness/until.ts";
import { messageOf } from "../plugins/serving/messageOf.ts";

/** Longest waits, in seconds. */
export interface Patience {
  readonly failover: number;
  /** Until writing goes on undisturbed after it. */
  readonly calm: number;
  /** What counts as undisturbed: seconds of the guest's clock without a longer gap than before. */
  readonly steady: number;
  readonly rejoin: number;
  readonly verify: number;
  /** What the waiting of sequences for nothing but time is multiplied by; 1 where it does not say. */
  readonly pace?: number;
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

/** One fault or several in a row, and what brings the service back. */
export interface Blow {
  /** What a line of the run calls it: `kill 3`, `sequence 3`. */
  readonly title: string;
  readonly kind: string;
  readonly target: string;
  readonly recovery: Recovery;
  /** Strikes, and has the service brought back; what that time was spent on. @throws when it did not come */
  deliver(began: number): Promise<readonly Phase[]>;
  /** The primary lives on, and a cluster may have it hand the group over, without fencing: that is no failover. */
  readonly handsOver?: boolean | undefined;
  /** Whether the writer rests since the primary was lost: then it is not waited for until it has been read back. */
  stopped(): boolean;
  /** When a host lost its power by torture's own hand. */
  powerOff?(): number | undefined;
  /** Takes away what is left of it; after this both mirrors can be UpToDate again. */
  mend(): Promise<void>;
  /** What it was step by step, where it has steps, and what was judged of them. */
  record?(): { readonly sequence: NonNullable<Kill["sequence"]>; readonly audits: readonly Audit[] };
}

/** One fault, and the recovery that it asks for. */
export function killOnce(torture: Torture, fault: Fault, situation: Situation, number: number): Promise<Kill> {
  const { system, mode, random } = torture;
  let powerOff: number | undefined;
  return strikeOnce(
    torture,
    {
      title: `kill ${number}`,
      kind: fault.kind,
      target: fault.target(situation),
      recovery: fault.recovery,
      handsOver: fault.handsOver,
      async deliver(began) {
        const struck = await fault.strike(system, situation, random, mode);
        if (fault.needsWord) powerOff = Date.now();
        const resting = restInFlight(torture, fault);
        const striking = (Date.now() - began) / 1000;
        const phases = await recover(torture, fault, situation);
        await Promise.all([resting, struck?.beside]);
        if (struck?.phases) return struck.phases;
        // By hand nothing happens before the command, and a kernel that shall crash takes its time.
        return fault.recovery === "failover" && !mode.phasesOf
          ? [{ name: "before the command", seconds: striking }, ...phases]
          : phases;
      },
      stopped: () => stopsWriting(fault),
      powerOff: () => powerOff,
      mend: () => fault.mend(system, situation, mode),
    },
    situation,
    number,
  );
}

/**
 * A blow from beginning to end: strike, recover, measure, read back, mend, verify,
 * audit. What fails on the way is an open or broken point of it, never
 * passed over: a blow that has struck is on record, also one after which the run cannot go on.
 */
export async function strikeOnce(torture: Torture, blow: Blow, situation: Situation, number: number): Promise<Kill> {
  const { system, oracle, bystanders, patience, say } = torture;
  const before = {
    boot: await bootOf(system, situation),
    errors: oracle.history.errors,
    samples: torture.samplers.map(({ count }) => count),
  };
  if (number % 2 === 0) await bystanders.read(patience.calm); // otherwise they are idle
  const began = Date.now();
  const kill = { number, kind: blow.kind, target: blow.target, at: new Date(began).toISOString() };
  let recovery = blow.recovery;
  say(`${blow.title}: ${blow.kind} of ${kill.target}; ${situation.primary} is primary`);
  oracle.stall.begin();
  const audits: Audit[] = [];
  let phases: readonly Phase[] = [];
  let stall: number | null = null;
  let work: readonly MirrorWork[] | undefined;
  let checked: { blocks: number; violations: readonly Violation[] } | null = null;
  const failed = (name: string, passed: false | null, error: unknown): null => {
    audits.push({ name, passed, detail: messageOf(error) });
    say(`  ${messageOf(error)}`);
    return null;
  };
  const attempt = async <Result>(
    name: string,
    passed: false | null,
    action: () => Promise<Result>,
  ): Promise<Result | null> => {
    try {
      return await action();
    } catch (error) {
      return failed(name, passed, error);
    }
  };
  try {
    phases = await blow.deliver(began);
    const delivered = Date.now();
    if (!blow.stopped()) await oracle.awaitCalm(patience.steady, patience.calm);
    await oracle.pause(patience.calm);
    const primary = await primaryAnswering(torture, situation);
    checked = await readBack(
      system,
      await located(system, situation),
      primary,
      oracle.history,
      torture.run,
      torture.region,
    );
    if (primary === situation.standby && (recovery === "none" || recovery === "return"))
      recovery = blow.handsOver ? "switch" : "failover";
    if (primary === situation.primary && recovery === "failover") recovery = "return";
    await oracle.resume();
    await oracle.awaitCalm(patience.steady, patience.calm);
    stall = oracle.stall.longest;
    audits.push(...(await bystanders.judge(patience.calm)));
    // What a sequence's seconds are spent on, its steps say.
    if (blow.recovery !== "none" && !blow.record)
      phases = await allPhases(torture, situation, { began, stall, recovery, known: phases });
    if (!blow.record) work = workUntil(torture, situation, began, Math.max(delivered, began + 1000 * stall));
    const parts = phases.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)}`).join(", ");
    say(`  stall ${stall.toFixed(1)} s${parts === "" ? "" : `: ${parts}`}`);
    for (const { mirror, processes, cpu } of work ?? [])
      say(`  ${mirror}: ${processes} processes, ${cpu.toFixed(1)} s of its processors`);
  } catch (error) {
    bystanders.abandon();
    failed("service comes back", false, error);
  }
  const acknowledged = oracle.history.acknowledged;
  await attempt("the writer goes on", null, () => oracle.resume());
  const rejoined = await attempt("both mirrors come together", false, async () => {
    await blow.mend();
    await awaitWhole(system, patience.rejoin);
    return (Date.now() - began) / 1000;
  });
  const compared =
    rejoined === null
      ? null
      : await attempt("the copies are compared", false, async () => {
          await oracle.pause(patience.calm);
          const outOfSync = await verify(
            system,
            await primaryAnswering(torture, situation),
            situation.volume.name,
            patience.verify,
          );
          return { outOfSync, disks: await readDisks(system, situation, oracle.history, torture.run, torture.region) };
        });
  const outOfSync = compared?.outOfSync ?? null;
  if (compared !== null) audits.push(disksAudit(compared.disks));
  await attempt("the writer goes on", null, () => oracle.resume());
  const evidence = await attempt("evidence", null, () =>
    gather(torture, recovery, situation, { began, powerOff: blow.powerOff?.() }, before),
  );
  if (evidence !== null) audits.push(...judge(evidence, situation));
  const record = blow.record?.();
  audits.push(...(record?.audits ?? []));
  const found =
    checked === null ? "no read-back" : `${checked.violations.length} violations in ${checked.blocks} blocks`;
  const unpassed = audits.filter(({ passed }) => passed !== true).map(({ name, detail }) => `${name}: ${detail}`);
  say(
    `  ${found}; whole after ${rejoined?.toFixed(0) ?? "–"} s; verify ${outOfSync ?? "–"}; ` +
      (unpassed.join("; ") || "audits passed"),
  );
  return {
    ...kill,
    recovery,
    stall,
    phases,
    readBack: checked && { blocks: checked.blocks, acknowledged },
    rejoined,
    outOfSync,
    ...(work && { work }),
    violations: [...(checked?.violations ?? []), ...(compared?.disks.violations ?? [])],
    audits,
    ...(record && { sequence: record.sequence }),
  };
}

/** What each mirror that lived did from a moment to another (ms). */
const workUntil = (
  { samplers }: Torture,
  { primary }: Situation,
  began: number,
  ended: number,
): readonly MirrorWork[] =>
  samplers.flatMap((sampler) => {
    const { mirror } = sampler;
    const work = sampler.work(began, ended);
    return work ? [{ mirror, was: mirror === primary ? "primary" : "standby", ...work }] : [];
  });

/**
 * After a kill that stops all writing: nothing new is begun, from a moment when every
 * thread hangs in its write. What is then read back is what was there at the
 * kill and what was under way, and no later write hides a loss.
 */
async function restInFlight({ oracle }: Torture, fault: Fault): Promise<void> {
  if (!stopsWriting(fault)) return;
  await sleep(1.5);
  oracle.askForPause();
}

function disksAudit({ blocks, violations, differing }: Disks): Audit {
  const detail =
    `${blocks} blocks below DRBD: ${violations.length} violations, ` +
    `${differing} blocks that the disks do not have in common`;
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

async function gather(
  { system, oracle, samplers }: Torture,
  recovery: Kill["recovery"],
  situation: Situation,
  { began, powerOff }: { began: number; powerOff: number | undefined },
  before: Before,
): Promise<Evidence> {
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
    domainLog: await system.onHost(
      situation.primaryHost,
      `grep 'shutting down' /var/log/libvirt/qemu/${situation.primary}.log | tail -n 3 || true`,
    ),
    fromHost: system.time.fromHost,
    clientLog: await system.onClient(situation.client.name, `journalctl -k --no-pager -q ${since}`),
    mirrorLogs: logs.flat(),
    errors: oracle.history.errors - before.errors,
    boots: [before.boot, await bootOf(system, situation)],
  };
}

const bootOf = async (system: System, { client }: Situation): Promise<string> =>
  (await system.onClient(client.name, "cat /proc/sys/kernel/random/boot_id")).trim();
