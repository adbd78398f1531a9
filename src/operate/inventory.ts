/** `npm run -s inventory -- <stack>`: the stack's inventory as JSON. */
import { defaultStack } from "./defaultStack.ts";
import { readInventory } from "./readInventory.ts";
import { runCommand } from "./runCommand.ts";

await runCommand("inventory", async ([stack = defaultStack()]) => {
  process.stdout.write(`${JSON.stringify(readInventory(stack), undefined, 2)}\n`);
});
