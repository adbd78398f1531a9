import type { Inventory } from "../../inventory/inventory.ts";
import { allWeighed } from "../decide/elsewhere.ts";
import { type Evidence, everyEvidence } from "../observe/evidence.ts";
import { viewGroup } from "../observe/groupSight.ts";
import type { Observation } from "../observe/observe.ts";
import { patient } from "../remote/runScript.ts";
import { canvasOn } from "../tell/redraw.ts";
import type { Screen } from "../tell/screen.ts";
import { renderStatus, statusDocument } from "../tell/renderStatus.ts";
import { inventoryFor, lookAt } from "./look.ts";
import type { Common } from "./options.ts";
import { exitStatus } from "./runCommand.ts";
import { watch } from "./watch.ts";

/**
 * `kvm-mirror status`: the live state of a stack, for a person, or with `json` for a machine.
 * @returns exit status 2 when something is not as it should be
 */
export async function status(common: Common & { readonly json: boolean }): Promise<number> {
  const { screen, json } = common;
  const inventory = await inventoryFor(common);
  const { seen, evidence } = await picture(inventory, common);
  const { text, concerns } = renderStatus(inventory, seen, evidence, screen.paint);
  screen.write(json ? `${JSON.stringify(statusDocument(inventory, seen, concerns), undefined, 2)}\n` : text);
  return concerns.length === 0 ? 0 : exitStatus.attention;
}

/** Seconds between two looks, without another word. */
const betweenLooks = 5;

/**
 * `kvm-mirror status --watch`: the same, drawn anew every few seconds until q or Ctrl-C. A look that fails is shown as
 * such, and the next one may succeed.
 * @returns exit status of the last look
 */
export async function watchStatus(common: Common & { readonly seconds?: number }): Promise<number> {
  const { screen, seconds = betweenLooks } = common;
  const inventory = await inventoryFor(common);
  const look = async (): Promise<{ readonly text: string; readonly result: number }> => {
    const { seen, evidence } = await picture(inventory, { screen: quiet(screen) });
    const { text, concerns } = renderStatus(inventory, seen, evidence, screen.paint);
    return { text: screen.spell(text), result: concerns.length === 0 ? 0 : exitStatus.attention };
  };
  const canvas = canvasOn(process.stdout, process.env.TERM);
  return (await watch(canvas, { keys: process.stdin, signals: process }, seconds, look)) ?? 0;
}

/** A screen for who shows by himself that something is at work. */
export const quiet = (screen: Screen): Screen => ({ ...screen, during: async (_, work) => work() });

/** All that status is made of: what mirrors and KVM hosts say, and what the KVM hosts know of mirrors. */
export async function picture(
  inventory: Inventory,
  common: Pick<Common, "screen">,
): Promise<{ readonly seen: Observation; readonly evidence: ReadonlyMap<string, Evidence> }> {
  const [seen, known] = await Promise.all([lookAt(inventory, common), everyEvidence(inventory, patient)]);
  // Marks of who went on alone are manual failover's: a cluster fences instead.
  if (inventory.failover.mode !== "manual")
    return { seen, evidence: new Map([...known].filter(([, { domain }]) => domain === "moved")) };
  const views = inventory.groups.map(({ name }) => viewGroup(inventory, seen, name));
  return { seen, evidence: allWeighed(known, views) };
}
