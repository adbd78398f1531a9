/**
 * `npm run -s inventory -- [<stack>] [--from user@mirror [--host-key "ssh-ed25519
 * AAAA…"]]`: the stack's inventory as JSON. With --from it is the copy that the
 * last successful `up` left on a mirror; this machine keeps it, and the
 * other commands go on with it while Pulumi cannot be asked.
 */
import { parseArgs } from "node:util";
import type { Inventory } from "../../inventory.ts";
import { defaultStack } from "./defaultStack.ts";
import { fetchInventory } from "../stack/fetchInventory.ts";
import { keepLastGood, lastGoodFile } from "../stack/lastGood.ts";
import { readInventory } from "../stack/readInventory.ts";
import { runCommand } from "./runCommand.ts";

const usage = 'usage: npm run -s inventory -- [<stack>] [--from <user@mirror> [--host-key "ssh-ed25519 AAAA…"]]';

await runCommand("inventory", async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { from: { type: "string" }, "host-key": { type: "string" } },
  });
  const [stack, ...rest] = positionals;
  if (rest.length > 0 || (values.from === undefined && values["host-key"] !== undefined)) throw new Error(usage);
  const inventory =
    values.from === undefined
      ? readInventory(stack ?? defaultStack())
      : await fetched(values.from, values["host-key"], stack);
  process.stdout.write(`${JSON.stringify(inventory, undefined, 2)}\n`);
});

async function fetched(from: string, hostKey: string | undefined, stack: string | undefined): Promise<Inventory> {
  const inventory = await fetchInventory(from, hostKey, stack);
  keepLastGood(inventory);
  process.stderr.write(`kept as ${lastGoodFile(inventory.stack)}\n`);
  return inventory;
}
