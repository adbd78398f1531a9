import { messageOf } from "../../../plugins/serving/messageOf.ts";
import type { Inventory, InventoryClient } from "../../inventory/inventory.ts";
import type { Follower } from "../decide/clientFollowers.ts";
import { decideAfter } from "../decide/afterMigration.ts";
import type { LiveMove } from "../decide/liveMigration.ts";
import type { MigrationPlan } from "../decide/migrationPlan.ts";
import { type MigrationSights, seeMigration } from "../observe/migrationSight.ts";
import { hostScript, hostScriptReading, migrateClient } from "../remote/runScript.ts";
import { hostNamed } from "../stack/named.ts";
import { admissionSteps, endSessionsSteps } from "./admissionSteps.ts";
import { arrived, carryOutInPulumi, exportsAnswer, nothingElse, setActive } from "./clientMoveSteps.ts";
import { migrationPermitStep, permitSteps } from "./permitSteps.ts";
import { type Step, waitFor } from "./steps.ts";

export interface LiveArgs {
  readonly inventory: Inventory;
  readonly client: InventoryClient;
  readonly to: string;
  /** Groups that `up` moves after it. */
  readonly followers: readonly Follower[];
  /** Mirrors that answer: only they can be told whom to admit. */
  readonly mirrors: readonly string[];
  readonly show: (text: string) => void;
}

/** A migration that is about to be made. */
export interface Migration {
  readonly plan: MigrationPlan;
  /** Of this migration alone. */
  readonly token: string;
}

type Decided<Kind extends LiveMove["kind"]> = Extract<LiveMove, { kind: Kind }>;

/**
 * A client that runs goes to another host. Both are admitted to its volumes, and QEMU alone hands over who writes. From
 * the first step to the last its permits say what is under way: what is interrupted, the command finds and ends.
 */
export function goSteps(args: LiveArgs, { from, clear }: Decided<"go">, { plan, token }: Migration): readonly Step[] {
  const { inventory, client, to } = args;
  return [
    nothingElse(args),
    exportsAnswer(args),
    ...(plan.cpu === undefined ? [] : [cpuFits(args, plan.cpu)]),
    ...(clear ? [endLeft(args, to)] : []),
    migrationPermitStep(inventory, client, [from, to], { token, overwritten: plan.overwritten }),
    ...admissionSteps({ ...args, what: `admit ${to} beside ${from}`, left: [], admitted: [from, to] }),
    migrateStep(args, from, plan),
    ...settleSteps(args, []),
  ];
}

/** It has come in on `to`: it goes on there, and the host that it left is shut out. */
export function arriveSteps(args: LiveArgs, move: Decided<"arrive">): readonly Step[] {
  return [...runsThereSteps(args, move), ...settleSteps(args, [])];
}

function runsThereSteps(args: LiveArgs, { end, letGo }: Decided<"arrive">): readonly Step[] {
  return [...(end === undefined ? [] : [endLeft(args, end)]), ...(letGo ? [goOn(args)] : [])];
}

/** It stays on `to`, which it has never left: what was prepared elsewhere is taken back. */
export function staySteps(args: LiveArgs, { letGo, clear }: Decided<"stay">): readonly Step[] {
  return [
    ...(clear === undefined ? [] : [endLeft(args, clear)]),
    ...(letGo ? [goOn(args)] : []),
    ...settleSteps(args, []),
  ];
}

/** It stands still on `to`, and may have run elsewhere meanwhile: it starts anew there. */
export function anewSteps(args: LiveArgs, { dead }: Decided<"anew">): readonly Step[] {
  const { inventory, client, to } = args;
  const start: Step = {
    title: `on ${to}: start ${client.name} anew`,
    run: async () => void (await hostScript(hostNamed(inventory, to), 120, "start-client.sh", client.name)),
  };
  return [
    exportsAnswer(args),
    ...(dead.length > 0 ? endSessionsSteps(args, dead) : []),
    endLeft(args, to),
    ...settleSteps(args, dead, [start]),
  ];
}

/**
 * Stack file, mirrors and permits say that the client is on `to`, alone, and Pulumi says so, too. A host that is dead
 * keeps its permit. While it or a mirror is away, `up` would fail: it is told when they are back.
 * @param then once it may start there
 */
function settleSteps(args: LiveArgs, dead: readonly string[], then: readonly Step[] = []): readonly Step[] {
  const { inventory, client, to, mirrors } = args;
  const away = [...dead, ...inventory.mirrors.map(({ name }) => name).filter((name) => !mirrors.includes(name))];
  const left = client.hosts.filter((host) => host !== to);
  const asked = client.hosts.filter((host) => !dead.includes(host));
  return [
    setActive(args),
    ...admissionSteps({ ...args, what: `admit ${to} alone`, left, admitted: [to] }),
    ...permitSteps(inventory, client, to, asked, true),
    ...then,
    ...(away.length > 0 || client.host === to
      ? []
      : [carryOutInPulumi(args, `the state says that ${client.name} is active on ${to}`)]),
    arrivedWithout(args, away),
  ];
}

/** @param away what has not been told yet */
function arrivedWithout(args: LiveArgs, away: readonly string[]): Step {
  const step = arrived(args);
  const later = `. When ${away.join(", ")} is back, \`pulumi up\` makes the rest agree`;
  return away.length === 0 ? step : { ...step, title: `${step.title}${later}` };
}

function cpuFits({ inventory, client, to }: LiveArgs, { args, xml }: NonNullable<MigrationPlan["cpu"]>): Step {
  return {
    title: `on ${to}: check that its CPU has all that the guest of ${client.name} goes by`,
    run: async () => void (await hostScriptReading(hostNamed(inventory, to), 60, "cpu-fits.sh", args, xml)),
  };
}

function endLeft({ inventory, client }: LiveArgs, host: string): Step {
  return {
    title: `on ${host}: end what a migration has left of ${client.name}, where its guest does not run`,
    run: async () => void (await hostScript(hostNamed(inventory, host), 60, "end-client.sh", client.name)),
  };
}

function goOn({ inventory, client, to }: LiveArgs): Step {
  return {
    title: `on ${to}: let ${client.name} go on`,
    run: async () => void (await hostScript(hostNamed(inventory, to), 60, "let-go-client.sh", client.name)),
  };
}

function migrateStep(args: LiveArgs, from: string, { copied, xml }: MigrationPlan): Step {
  const { inventory, client, to } = args;
  const disks = copied.length === 0 ? "" : `, with its disks ${copied.join(", ")}`;
  return {
    title: `migrate ${client.name} from ${from} to ${to}${disks}`,
    run: async () => {
      try {
        await migrateClient([hostNamed(inventory, from), hostNamed(inventory, to)], client.name, copied, xml);
      } catch (error) {
        await afterFailure(args, from, messageOf(error));
      }
    },
  };
}

/**
 * Goes on to where a migration that failed can go on from: the client runs on the one host or on the other, if that is
 * known.
 * @throws when it did not arrive, with what was taken back
 */
async function afterFailure(args: LiveArgs, from: string, why: string): Promise<void> {
  const { inventory, client, to } = args;
  // libvirt may still be ending it.
  let seen: MigrationSights = new Map();
  const known = await waitFor(60, async () => {
    seen = await seeMigration(inventory, client);
    return [...seen.values()].every((sight) => "state" in sight && !sight.migrating);
  });
  const after = known ? decideAfter(client, [from, to], seen) : undefined;
  const take = async (steps: readonly Step[]): Promise<void> => {
    for (const step of steps) await step.run();
  };
  if (!after) throw new Error(`${why}. ${goesOn(client.name, to)}`);
  if (after.at === "there") return take(after.move ? runsThereSteps(args, after.move) : []);
  await take(staySteps({ ...args, to: from, followers: [] }, after.move)).catch((error: unknown) => {
    throw new Error(`${why}; and it is not taken back: ${messageOf(error)}. ${goesOn(client.name, from)}`);
  });
  throw new Error(`client ${client.name} was not migrated, and runs on ${from} as before: ${why}`);
}

const goesOn = (client: string, host: string): string =>
  `\`kvm-mirror client ${client} --to ${host} --live\` looks how far it came, and ends it`;
