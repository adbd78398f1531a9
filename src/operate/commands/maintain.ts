import type { Inventory, InventoryMirror } from "../../inventory/inventory.ts";
import { refusing } from "../../refused.ts";
import { askCluster, maintainSteps } from "../act/clusterSteps.ts";
import { backStep, comparedStep, drainSteps } from "../act/maintenanceSteps.ts";
import { carryOut } from "../act/steps.ts";
import { decideDrain } from "../decide/decideMaintenance.ts";
import { refuseWithoutThirdVote } from "../decide/thirdVote.ts";
import { viewGroup } from "../observe/groupSight.ts";
import type { Observation } from "../observe/observe.ts";
import { mirrorNamed, otherMirror } from "../stack/named.ts";
import { inventoryFor, lookAt } from "./look.ts";
import type { Acting } from "./options.ts";
import { recordsOf } from "./recordsOf.ts";

export interface MaintainOptions extends Acting {
  readonly mirror: string;
  /** The maintenance is over. */
  readonly done: boolean;
  /** Seconds for which the mirror is waited for when it is. */
  readonly wait: number;
}

/** Which mirror goes away, and who serves meanwhile. */
interface Pair {
  readonly mirror: InventoryMirror;
  readonly other: InventoryMirror;
}

/**
 * `kvm-mirror maintain`: drains a mirror, so that it can be patched or rebooted while the other one
 * serves; with `done` waits until it is back and UpToDate. @throws when it refused or failed
 */
export async function maintain(options: MaintainOptions): Promise<void> {
  const inventory = await inventoryFor(options);
  const pair = refusing(() => ({
    mirror: mirrorNamed(inventory, options.mirror),
    other: otherMirror(inventory, options.mirror),
  }));
  if (inventory.failover.mode === "automatic") return inCluster(inventory, pair, options);
  return options.done ? waitForReturn(inventory, pair, options) : drain(inventory, pair, options);
}

const groupsToMove = (inventory: Inventory, seen: Observation, { other }: Pair): readonly string[] =>
  refusing(() =>
    decideDrain(
      inventory.groups.map(({ name }) => viewGroup(inventory, seen, name)),
      other.name,
    ),
  );

async function inCluster(inventory: Inventory, pair: Pair, options: MaintainOptions): Promise<void> {
  const { screen, dryRun, done } = options;
  const { mirror, other } = pair;
  const seen = await lookAt(inventory, options);
  const asked = refusing(() => {
    if (!done) refuseWithoutThirdVote(seen, mirror.name);
    return askCluster(inventory, seen);
  });
  const steps = maintainSteps(asked, mirror.name, done);
  await carryOut(
    done
      ? [...steps, comparedStep(inventory, mirror.name)]
      : [...drainSteps(inventory, groupsToMove(inventory, seen, pair), mirror, other), ...steps],
    { dryRun, ...screen, records: recordsOf(inventory, options) },
  );
}

async function waitForReturn(inventory: Inventory, { mirror }: Pair, options: MaintainOptions): Promise<void> {
  const { screen, dryRun, wait } = options;
  const records = recordsOf(inventory, options);
  await carryOut([backStep(inventory, mirror.name, wait, screen.say)], { dryRun, ...screen, records });
  if (dryRun) return;
  const preferred = inventory.groups.filter(({ preferredMirror }) => preferredMirror === mirror.name);
  const ways = preferred.map(({ name, volumes }) => `kvm-mirror switch ${volumes[0] ?? name} --to ${mirror.name}`);
  screen.say(
    `${mirror.name} is back. Nothing moves by itself` +
      (ways.length === 0 ? "" : `; to have its groups there again: ${ways.join("; ")}`),
  );
}

async function drain(inventory: Inventory, pair: Pair, options: MaintainOptions): Promise<void> {
  const { screen, dryRun } = options;
  const { mirror, other } = pair;
  const groups = groupsToMove(inventory, await lookAt(inventory, options), pair);
  const records = recordsOf(inventory, options);
  await carryOut(drainSteps(inventory, groups, mirror, other), { dryRun, ...screen, records });
  if (dryRun) return;
  screen.say(
    `${mirror.name} serves nothing. Patch or reboot it now (ssh ${mirror.ssh.target}); while it is away, ` +
      `writes are on ${other.name} alone. Then: kvm-mirror maintain ${mirror.name} --done`,
  );
}
