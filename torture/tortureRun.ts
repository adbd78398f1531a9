import { randomInt } from "node:crypto";
import { dirname, join } from "node:path";
import { RoleSampler } from "./audits/roleSampler.ts";
import { Bystanders } from "./bystanders.ts";
import type { Control } from "./controls/control.ts";
import { drawFault, faultsOf } from "./faults/faults.ts";
import { killOnce, type Patience, type Torture } from "./killOnce.ts";
import { automatic } from "./modes/automatic.ts";
import { manual } from "./modes/manual.ts";
import type { Options } from "./options.ts";
import { Oracle } from "./oracle/oracle.ts";
import { randomFrom } from "../harness/random.ts";
import { outcome } from "./report/judge.ts";
import type { Kill, Mode, Phase, Run } from "./report/report.ts";
import type { Sequence } from "./sequences/sequence.ts";
import { sequenceOnce } from "./sequences/sequenceOnce.ts";
import { drawInTurn, sequencesOf } from "./sequences/sequences.ts";
import { deviceOf, type Subject, subjectOf } from "../harness/subject.ts";
import { type Situation, situationOf } from "./situation.ts";
import { awaitWhole } from "../harness/drbd.ts";
import type { System } from "../harness/system.ts";
import { shellWord } from "../plugins/serving/shell.ts";
import { sleep, until } from "../harness/until.ts";
import { messageOf } from "../plugins/serving/messageOf.ts";

const writerPath = "/run/kvm-mirror-torture.py";

/** Emulated guests are an order of magnitude slower; waiting longer costs nothing when all is well. */
const usualPatience = { failover: 240, calm: 300, steady: 4, rejoin: 600, verify: 300, client: 300, betweenKills: 3 };

/** Text of the programs that run in the client (torture/guest). */
export interface GuestPrograms {
  readonly writer: string;
  readonly reader: string;
}

export interface Watch {
  /** Is told the run as it stands, after each kill. */
  noted?(run: Run): void;
  /** Whether another kill is wanted. */
  wanted?(): boolean;
}

/**
 * A run: begins and ends the writer, and kills in between. It ends early when the
 * mirrors do not find together again, or the oracle's story breaks off.
 */
export async function tortureRun(
  system: System,
  options: Options & { readonly mode: Mode },
  control: Control | undefined,
  { writer, reader }: GuestPrograms,
  say: (line: string) => void,
  { noted = () => undefined, wanted = () => true }: Watch = {},
  patience: Patience & { readonly client: number; readonly betweenKills: number } = usualPatience,
): Promise<Run> {
  const subject = subjectOf(system, options.protocol, options.client);
  const started = new Date();
  await awaitWhole(system, 60);
  // `pulumi up` ends before an emulated client has booted.
  await until(
    `client ${subject.client.name} answers`,
    patience.client,
    async () => void (await system.onClient(subject.client.name, "true", 20)),
  );
  const virtualization = await virtualizationOf(system, subject);
  const number = randomInt(1, 2 ** 47);
  const id = `${options.stack}-${options.protocol}-${options.seed}-${started.toISOString()}`;
  const random = randomFrom(options.seed);
  await system.onClient(subject.client.name, `printf %s ${shellWord(writer)} >${writerPath}`);
  const bystanders = await Bystanders.of(system, subject, reader);
  const oracle = new Oracle(
    system.commandLine("client", subject.client.name, writerCommand(subject, number, options, control)),
    join(dirname(options.out), `${id.replaceAll(":", "")}.oracle`),
  );
  const samplers = system.inventory.mirrors.map(({ name }) => new RoleSampler(system, name, subject.volume.name));
  const sampling = samplers.map((sampler) => sampler.run());
  const kills: Kill[] = [];
  const asRun = (): Run => ({
    id,
    stack: options.stack,
    mode: options.mode,
    protocol: options.protocol,
    seed: options.seed,
    virtualization,
    ...(system.time.slowness > 1 && { slowness: system.time.slowness }),
    started: started.toISOString(),
    ended: new Date().toISOString(),
    floor: floorOf(kills),
    control: control?.name ?? null,
    kills,
  });
  try {
    await oracle.awaitAcknowledged(3 * options.blocks, 600);
    say(`every block is written: ${oracle.history.acknowledged} acknowledged writes; kills begin`);
    const torture: Torture = {
      system,
      mode: options.mode === "manual" ? manual : automatic,
      oracle,
      bystanders,
      samplers,
      random,
      run: number,
      region: { first: 0, count: 3 * options.blocks },
      patience,
      say,
    };
    const blow = next(torture, subject, options, control);
    while (kills.length < options.kills && wanted()) {
      await sleep(patience.betweenKills * (1 + 3 * random.next()));
      const situation = await situationOf(system, subject);
      await control?.weaken(system, situation);
      try {
        kills.push(await blow(situation, kills.length + 1));
      } finally {
        await control?.restore(system, situation);
      }
      noted(asRun());
      oracle.check();
      const last = kills.at(-1);
      if (
        last === undefined ||
        (!control && (last.rejoined === null || outcome(last) === "lost")) ||
        (control && last.violations.length > 0)
      )
        break;
    }
    await oracle.stop(120);
  } catch (error) {
    // What was seen before stays a report; the run has fewer kills than it should, which is no pass.
    say(`the run ends early: ${messageOf(error)}`);
    oracle.abandon();
  } finally {
    for (const sampler of samplers) sampler.end();
    await Promise.all(sampling);
  }
  return asRun();
}

/** What is done to the system each time: a kill or a sequence, the control's or one that is drawn. */
function next(
  torture: Torture,
  subject: Subject,
  { kinds, sequences, mode }: Options & { readonly mode: Mode },
  control: Control | undefined,
): (situation: Situation, number: number) => Promise<Kill> {
  const { random } = torture;
  const [fault, sequence] = [control?.fault, control?.sequence];
  if (sequence || (!control && sequences)) {
    const draw = drawInTurn(random, sequence ? [sequence] : sequencesOf(kinds), mode);
    return async (situation, number) => {
      const drawn = draw();
      return sequenceOnce(torture, drawn, await suited(torture, subject, drawn, situation), number);
    };
  }
  const among = fault ? [fault] : faultsOf(kinds);
  return (situation, number) => killOnce(torture, drawFault(random, among, situation), situation, number);
}

/** The situation that a sequence needs: its client beside the primary. */
async function suited(
  { system, mode, patience, say }: Torture,
  subject: Subject,
  { clientBeside }: Sequence,
  situation: Situation,
): Promise<Situation> {
  if (clientBeside !== true || situation.client.host === situation.primaryHost) return situation;
  say(`before it, a planned switch to ${situation.standby}, beside ${subject.client.name}`);
  await mode.switchOver(system, situation, patience.failover);
  await awaitWhole(system, patience.rejoin);
  return situationOf(system, subject);
}

/**
 * The least that the settings allow, as measured: detection and fencing of the
 * quickest failover of this run. By hand nothing has to be detected.
 */
function floorOf(kills: readonly Kill[]): readonly Phase[] {
  const floors = kills
    .map(({ phases }) => phases.filter(({ name }) => name === "detection" || name === "fencing"))
    .filter(({ length }) => length > 0);
  const total = (phases: readonly Phase[]): number => phases.reduce((sum, { seconds }) => sum + seconds, 0);
  return floors.sort((one, other) => total(one) - total(other))[0] ?? [];
}

function writerCommand(
  { disk }: Subject,
  run: number,
  { seed, blocks }: Options,
  control: Control | undefined,
): string {
  return (
    `exec python3 ${writerPath} --device "${deviceOf(disk)}" --run ${run} --seed ${seed} --blocks ` +
    `${blocks}${control === undefined ? "" : ` ${control.writerOptions}`}`
  );
}

async function virtualizationOf(system: System, { client }: Subject): Promise<"kvm" | "qemu"> {
  const type = /<domain type='(kvm|qemu)'/.exec(await system.onHost(client.host, `virsh dumpxml ${client.name}`))?.[1];
  if (type !== "kvm" && type !== "qemu") throw new Error(`${client.name} says not whether it is emulated`);
  return type;
}
