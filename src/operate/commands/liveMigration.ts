import { randomBytes } from "node:crypto";
import type { Inventory, InventoryClient } from "../../inventory/inventory.ts";
import { refusing } from "../../refused.ts";
import { anewSteps, arriveSteps, goSteps, type LiveArgs, staySteps } from "../act/liveSteps.ts";
import type { CommandRecords } from "../act/commandRecords.ts";
import { carryOut, type Step } from "../act/steps.ts";
import { followersOf } from "../decide/clientFollowers.ts";
import { decideLive, type LiveMove } from "../decide/liveMigration.ts";
import { planMigration } from "../decide/migrationPlan.ts";
import { type MigrationSight, type MigrationSights, seeMigration } from "../observe/migrationSight.ts";
import { lookAt } from "./look.ts";
import type { Acting } from "./options.ts";

/** `copyStorage`: its KVM host's own disks go with it. `confirm`: the phrase that a refusal shows. */
export interface LiveWish {
  readonly kind: "live";
  readonly to: string;
  readonly copyStorage: boolean;
  readonly confirm: string | undefined;
}

export interface LiveMigrationArgs {
  readonly options: Acting;
  readonly inventory: Inventory;
  readonly client: InventoryClient;
  readonly records: CommandRecords;
  readonly wish: LiveWish;
}

/**
 * `kvm-mirror client <name> --to <KVM host> --live`: a client that runs goes on on another host. Of what was
 * interrupted, it finds out how far it came, and ends it.
 * @throws when it failed or was refused; repeating the command goes on
 */
export async function liveMigration({ options, inventory, client, records, wish }: LiveMigrationArgs): Promise<void> {
  const { screen, dryRun } = options;
  const { to, confirm } = wish;
  const seen = await screen.during(`asking the KVM hosts of ${client.name}`, () => seeMigration(inventory, client));
  const move = refusing(() => decideLive(client, to, seen, confirm));
  if (move.kind === "nothing") return screen.say(`client ${client.name} runs on ${to} already`);
  const followers = client.host === to ? [] : refusing(() => followersOf(inventory, client, to));
  const { mirrors: asked } = await lookAt(inventory, options);
  const mirrors = [...asked].flatMap(([mirror, sight]) => ("state" in sight ? [mirror] : []));
  const args = { inventory, client, to, followers, mirrors, show: (text: string): void => screen.write(text) };
  const steps = refusing(() => stepsOf(args, move, seen, wish.copyStorage));
  await carryOut(steps, { dryRun, ...screen, records });
  if (!dryRun) screen.say(`client ${client.name} runs on ${to}`);
}

function stepsOf(
  args: LiveArgs,
  move: Exclude<LiveMove, { kind: "nothing" }>,
  seen: MigrationSights,
  copyStorage: boolean,
): readonly Step[] {
  if (move.kind === "arrive") return arriveSteps(args, move);
  if (move.kind === "stay") return staySteps(args, move);
  if (move.kind === "anew") return anewSteps(args, move);
  const { inventory, client, to, mirrors } = args;
  const away = inventory.mirrors.filter(({ name }) => !mirrors.includes(name)).map(({ name }) => name);
  if (away.length > 0)
    throw new Error(
      `${away.join(", ")} does not answer, and both mirrors have to admit ${to} before ${client.name} goes there: a ` +
        "failover meanwhile would shut it out. Bring it back first (kvm-mirror status)",
    );
  const token = randomBytes(16).toString("hex");
  const plan = planMigration(client, to, [sightOf(seen, move.from), sightOf(seen, to)], { copyStorage, token });
  return goSteps(args, move, { plan, token });
}

function sightOf(seen: MigrationSights, host: string): MigrationSight {
  const sight = seen.get(host);
  if (!sight || "unreachable" in sight) throw new Error(`KVM host ${host} was not asked`);
  return sight;
}
