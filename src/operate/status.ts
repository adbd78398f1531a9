/** `npm run status [-- <stack>]`: the live state of a stack. Exit status 1 when the inventory cannot be read, 2 when something is not as it should be. */
import { defaultStack } from "./defaultStack.ts";
import { observe } from "./observe.ts";
import { readInventory } from "./readInventory.ts";
import { renderStatus } from "./renderStatus.ts";
import { runCommand } from "./runCommand.ts";

await runCommand("status", async ([stack = defaultStack()]) => {
  const inventory = readInventory(stack);
  const { text, healthy } = renderStatus(inventory, await observe(inventory));
  process.stdout.write(text);
  if (!healthy) process.exitCode = 2;
});
