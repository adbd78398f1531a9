import { Refused } from "../../refused.ts";
import { historyOf } from "../history/historyOf.ts";
import { journalsOf } from "../history/journals.ts";
import { momentOf } from "../tell/moment.ts";
import { type History, historyDocument, renderHistory } from "../tell/renderHistory.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import { inventoryFor } from "./look.ts";
import type { Common } from "./options.ts";

export interface HistoryOptions extends Common {
  /** As it was typed (moment.ts). */
  readonly since: string;
  readonly json: boolean;
}

/**
 * `kvm-mirror history`: who changed what, and every change of a role with its reason, from the journals of both
 * mirrors.
 * @throws Refused for a time that is none; when neither mirror answers
 */
export async function history(options: HistoryOptions): Promise<void> {
  const { screen, json } = options;
  const since = sinceOf(options.since);
  const inventory = await inventoryFor(options);
  const found = await screen.during("reading the journals of the mirrors", () => historySince(inventory, since));
  const silent = [...found.journals].flatMap(([mirror, one]) =>
    "unreachable" in one ? [`${mirror}: ${one.unreachable}`] : [],
  );
  if (silent.length === found.journals.size)
    throw new Error(`no mirror can be asked for its journal. ${silent.join("; ")}`);
  screen.write(json ? `${JSON.stringify(historyDocument(found), undefined, 2)}\n` : renderHistory(found));
}

/** The history that the mirrors tell now. @param since in seconds since 1970 */
export async function historySince(inventory: Inventory, since: number): Promise<History> {
  const journals = await journalsOf(inventory, since);
  const told = [...journals].flatMap(([mirror, found]) => ("state" in found ? [[mirror, found.state] as const] : []));
  return { stack: inventory.stack, since, journals, events: historyOf(inventory, new Map(told)) };
}

function sinceOf(text: string): number {
  const now = Math.floor(Date.now() / 1000);
  const since = momentOf(text, now);
  if (since >= now) throw new Refused(`--since ${text} is not before now: nothing is between`);
  return Math.max(0, since);
}
