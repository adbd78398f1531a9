import type { Inventory } from "../../inventory/inventory.ts";
import { unhurried } from "../observe/machineReports.ts";
import { type Seen, seenOf } from "../observe/observe.ts";
import { unpacked } from "../observe/unpacked.ts";
import { askMirror } from "../remote/runScript.ts";
import { type Journal, parseJournal } from "./journal.ts";

/**
 * Asks both mirrors at the same time what their journals have since then. One that does not answer is part of the
 * picture, not an error.
 * @param since in seconds since 1970
 */
export async function journalsOf(
  { mirrors }: Pick<Inventory, "mirrors">,
  since: number,
): Promise<ReadonlyMap<string, Seen<Journal>>> {
  const asked = mirrors.map(async (mirror) => {
    const ask = async () =>
      parseJournal(await unpacked(await askMirror(mirror, unhurried, "history.sh", String(since))));
    return [mirror.name, await seenOf(ask)] as const;
  });
  return new Map(await Promise.all(asked));
}
