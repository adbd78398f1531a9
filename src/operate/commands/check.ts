import { hostname } from "node:os";
import { findLeftovers } from "../decide/leftovers.ts";
import { processesEverywhere } from "../observe/atWork.ts";
import { stateOfPulumi } from "../stack/stateOfPulumi.ts";
import { checkDocument, renderCheck } from "../tell/renderCheck.ts";
import { inventoryFor, lookAt } from "./look.ts";
import type { Common } from "./options.ts";
import { exitStatus } from "./runCommand.ts";

/**
 * `kvm-mirror check`: what a killed `up` or command has left behind, on this machine, on mirrors and KVM hosts and in
 * Pulumi's state. It changes nothing.
 * @returns exit status 2 when something is left, or somebody cannot be asked
 */
export async function check(common: Common & { readonly json: boolean }): Promise<number> {
  const { stack, screen, json } = common;
  const inventory = await inventoryFor(common);
  const pulumi = await screen.during("reading Pulumi's state", () => stateOfPulumi(stack));
  // Before the look at mirrors and hosts: what watches over its scripts outlives them by a second.
  const processes = await screen.during("looking for scripts at work", () => processesEverywhere(inventory));
  const seen = await lookAt(inventory, common);
  const found = findLeftovers(inventory, { machine: hostname(), pulumi, processes, seen });
  screen.write(
    json
      ? `${JSON.stringify(checkDocument(inventory, found), undefined, 2)}\n`
      : renderCheck(inventory, found, screen.paint),
  );
  return found.leftovers.length === 0 ? 0 : exitStatus.attention;
}
