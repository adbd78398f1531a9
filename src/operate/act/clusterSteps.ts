import type { Inventory, InventoryMirror } from "../../inventory/inventory.ts";
import { clusterSeenBy, type Observation } from "../observe/observe.ts";
import { mirrorNamed } from "../stack/named.ts";
import { changeOnMirror } from "../remote/runScript.ts";
import type { Step } from "./steps.ts";

/** Runs a script of scripts/guest on a mirror; throws what it says when it fails or refuses. */
export type RunScript = (mirror: InventoryMirror, script: string, ...args: string[]) => Promise<string>;

/** Whatever the cluster decides, it does so on both mirrors: any that answers can be told. */
export interface Asked {
  readonly inventory: Inventory;
  /** A mirror on which Pacemaker answers. */
  readonly through: InventoryMirror;
  readonly run: RunScript;
}

function timeout(inventory: Inventory): string {
  if (inventory.failover.mode !== "automatic")
    throw new Error(`stack ${inventory.stack} has no cluster (kvm-mirror:failover.mode is manual)`);
  return String(inventory.failover.operationTimeout);
}

/**
 * A mirror through which the cluster can be told.
 * @throws when Pacemaker answers on none
 */
export function askCluster(inventory: Inventory, seen: Observation): Asked {
  const through = inventory.mirrors.find(({ name }) => clusterSeenBy(seen, name));
  if (!through)
    throw new Error("Pacemaker answers on no mirror: start one that was not fenced, and see `kvm-mirror status`");
  // The scripts wait for six steps of the cluster at the most, and say themselves what they waited for.
  const seconds = 6 * Number(timeout(inventory)) + 60;
  return { inventory, through, run: (mirror, script, ...args) => changeOnMirror(mirror, seconds, script, ...args) };
}

/** One step: a script of scripts/guest on the mirror that answers, with the cluster's deadline as its last argument. */
function scriptStep(
  { inventory, through, run }: Asked,
  title: string,
  script: string,
  ...args: readonly string[]
): readonly Step[] {
  const deadline = timeout(inventory);
  return [{ title, run: async () => void (await run(through, script, ...args, deadline)) }];
}

/** Rolling maintenance: the mirror is drained and stays so, over reboots, until it is done. */
export function maintainSteps(asked: Asked, name: string, done: boolean): readonly Step[] {
  const mirror = mirrorNamed(asked.inventory, name);
  const title = done
    ? `${name} may run groups again; wait until its volumes are UpToDate`
    : `the cluster moves everything away from ${name} and leaves it alone`;
  return scriptStep(asked, title, "cluster-standby.sh", mirror.name, done ? "off" : "on");
}

/**
 * Second level of fencing: the operator's confirmation that a mirror is dead, told to
 * the one that survives. Whoever calls this has asked for it.
 */
export function confirmSteps(asked: Asked, dead: string): readonly Step[] {
  mirrorNamed(asked.inventory, dead);
  if (asked.through.name === dead) throw new Error(`${dead} answers: it is not dead`);
  return scriptStep(
    asked,
    `tell the cluster that ${dead} is dead, and wait until every group runs on ${asked.through.name}`,
    "cluster-confirm.sh",
    dead,
  );
}

/** Both mirrors are there, and go on without the third vote. */
export function withoutThirdVoteSteps(asked: Asked): readonly Step[] {
  return scriptStep(
    asked,
    "both mirrors wait for the third vote no longer, and serve every group",
    "cluster-without-third-vote.sh",
  );
}

/**
 * Goes on with the only copy that is left, as the operator confirmed. Whoever calls this
 * has asked for it, and has turned `lost` off where that is possible.
 */
export function lastCopySteps(asked: Asked, lost: string): readonly Step[] {
  return scriptStep(
    asked,
    `${asked.through.name} waits for ${lost} no longer, and serves every group from the copy that it has`,
    "cluster-last-copy.sh",
    lost,
  );
}
