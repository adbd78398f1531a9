import type { Inventory } from "../../inventory/inventory.ts";
import { messageOf } from "../../../plugins/serving/messageOf.ts";
import { Refused } from "../../refused.ts";
import { NoInventoryYet } from "../stack/noInventory.ts";
import { readInventory } from "../stack/readInventory.ts";
import { knownStacks } from "../stack/stacks.ts";
import { findConcerns } from "../tell/concerns.ts";
import { needsAttention, renderStacks, type StackPicture, stacksDocument } from "../tell/renderStacks.ts";
import type { Common } from "./options.ts";
import { exitStatus } from "./runCommand.ts";
import { picture, quiet } from "./status.ts";

/** Stacks that are asked at the same time. They may have their KVM hosts in common, and sshd takes ten at once. */
const together = 4;

/**
 * `kvm-mirror status --all`: every stack of this project, for a person, or with `json` for a machine. One that cannot
 * be read is part of the picture, not an error.
 * @returns exit status 2 when something is not as it should be
 * @throws Refused when there is no stack
 */
export async function statusOfAll({
  screen,
  json,
}: Pick<Common, "screen"> & { readonly json: boolean }): Promise<number> {
  const { names, why } = await screen.during("asking Pulumi for the stacks", knownStacks);
  if (why !== undefined)
    screen.note(`Pulumi does not say which stacks there are (${why}). Those whose inventory this machine keeps:`);
  if (names.length === 0) throw new Refused("there is no stack yet: kvm-mirror new <env> makes one");
  const pictures: StackPicture[] = [];
  for (let at = 0; at < names.length; at += together) {
    const some = names.slice(at, at + together);
    const pictured = () => Promise.all(some.map((stack) => pictureOf(stack, screen)));
    pictures.push(...(await screen.during(`asking mirrors and KVM hosts of ${some.join(", ")}`, pictured)));
  }
  screen.write(
    json ? `${JSON.stringify(stacksDocument(pictures), undefined, 2)}\n` : renderStacks(pictures, screen.paint),
  );
  return pictures.some(needsAttention) ? exitStatus.attention : 0;
}

async function pictureOf(stack: string, screen: Common["screen"]): Promise<StackPicture> {
  let inventory: Inventory;
  try {
    inventory = readInventory(stack, { say: (line) => screen.note(`stack ${stack}: ${line}`) });
  } catch (error) {
    return { stack, why: messageOf(error), begun: !(error instanceof NoInventoryYet) };
  }
  const { seen, evidence } = await picture(inventory, { screen: quiet(screen) });
  return { stack, inventory, seen, concerns: findConcerns(inventory, seen, evidence) };
}
