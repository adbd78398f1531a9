import { hostname } from "node:os";
import type { Inventory } from "../../inventory/inventory.ts";
import { makeInventory } from "../../inventory/makeInventory.ts";
import type { Plan } from "../../plan/plan.ts";
import { type Check, findLeftovers } from "../decide/leftovers.ts";
import type { SiteProblem } from "../decide/site/site.ts";
import { checkSite, type SiteCheck } from "../decide/site/siteProblems.ts";
import { processesEverywhere } from "../observe/atWork.ts";
import { type Observation, type Seen, seenOf } from "../observe/observe.ts";
import { lookAtSite, type SiteSight } from "../observe/site.ts";
import { NoInventoryYet } from "../stack/noInventory.ts";
import { refuseOtherProgram } from "../stack/otherProgram.ts";
import { stackPlan } from "../stack/stackPlan.ts";
import { stateOfPulumi } from "../stack/stateOfPulumi.ts";
import { checkDocument, renderCheck } from "../tell/renderCheck.ts";
import { inventoryFor, lookAt } from "./look.ts";
import type { Common } from "./options.ts";
import { exitStatus } from "./runCommand.ts";

/**
 * `kvm-mirror check`: whether the site is as the stack file needs it, before the first `up` as well as later, and what
 * a killed `up` or command has left behind, on this machine, on mirrors and KVM hosts and in Pulumi's state. It changes
 * nothing.
 * @returns exit status 2 when something is wrong or left, or somebody cannot be asked
 */
export async function check(common: Common & { readonly json: boolean }): Promise<number> {
  const { stack, screen, json } = common;
  refuseOtherProgram("check goes by the stack file");
  const made = await inventoryIfMade(common);
  const plan = await screen.during("reading the stack file", () => seenOf(() => stackPlan(stack)));
  const inventory = made ?? beforeUp(plan);
  const pulumi = await screen.during("reading Pulumi's state", () => stateOfPulumi(stack));
  // Before the look at mirrors and hosts: what watches over its scripts outlives them by a second.
  const processes = await screen.during("looking for scripts at work", () => processesEverywhere(inventory));
  const seen = await lookAt(inventory, common);
  const site =
    "state" in plan
      ? await screen
          .during("looking at the site: a minute, where an image is read", () => lookAtSite(plan.state, made))
          .then((sight) => judge(plan.state, sight, seen))
      : { problems: [noPlan(plan.unreachable)], notSeen: [], unreachable: [] };
  const found = toldOnce(findLeftovers(inventory, { machine: hostname(), pulumi, processes, seen }), site.unreachable);
  screen.write(
    json
      ? `${JSON.stringify(checkDocument(inventory, found, site), undefined, 2)}\n`
      : renderCheck(inventory, found, site, screen.paint),
  );
  return found.leftovers.length + site.problems.length === 0 ? 0 : exitStatus.attention;
}

/** Undefined: no `up` has succeeded yet. @throws when there may be one that cannot be read */
async function inventoryIfMade(common: Common): Promise<Inventory | undefined> {
  try {
    return await inventoryFor(common);
  } catch (error) {
    if (error instanceof NoInventoryYet) return undefined;
    throw error;
  }
}

/** What there is before the first `up`: KVM hosts, on which a killed one may have left something. */
function beforeUp(plan: Seen<Plan>): Inventory {
  if ("unreachable" in plan) throw new Error(plan.unreachable);
  return { ...makeInventory(plan.state), mirrors: [], groups: [], volumes: [], exports: [], clients: [] };
}

/** `unreachable`: KVM hosts of which the site says already that they do not answer. */
function judge(
  plan: Plan,
  sight: SiteSight,
  { mirrors }: Observation,
): SiteCheck & { readonly unreachable: readonly string[] } {
  const unreachable = [...sight.hosts].flatMap(([name, host]) => ("unreachable" in host ? [name] : []));
  return { ...checkSite({ plan, sight, mirrors }), unreachable };
}

/** A host that does not answer is one problem, not two. */
function toldOnce(found: Check, unreachable: readonly string[]): Check {
  const told = unreachable.map((name) => `KVM host ${name}`);
  return {
    ...found,
    leftovers: found.leftovers.filter(
      (one) => one.kind !== "unknown" || !told.some((words) => one.what === words || one.what.endsWith(`on ${words}`)),
    ),
  };
}

function noPlan(why: string): SiteProblem {
  return {
    what: `the stack file leads to no plan: ${why.replaceAll(/\s*\n\s*/g, " ")}`,
    means: "The site cannot be held against it, and `up` refuses it.",
    command: "pulumi preview",
  };
}
