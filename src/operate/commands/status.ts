/**
 * `npm run status [-- <stack>]`: the live state of a stack. Exit status 1 when the
 * inventory cannot be read, 2 when something is not as it should be.
 */
import { defaultStack } from "./defaultStack.ts";
import { everyEvidence } from "../observe/evidence.ts";
import { observe } from "../observe/observe.ts";
import { readInventory } from "../stack/readInventory.ts";
import { renderStatus } from "../tell/renderStatus.ts";
import { runCommand } from "./runCommand.ts";
import { patient } from "../remote/runScript.ts";

await runCommand("status", async ([stack = defaultStack()]) => {
  const inventory = readInventory(stack);
  const seen = await observe(inventory);
  const silent =
    inventory.failover.mode === "manual" && [...seen.mirrors.values()].some((mirror) => "unreachable" in mirror);
  const { text, healthy } = renderStatus(inventory, seen, silent ? await everyEvidence(inventory, patient) : undefined);
  process.stdout.write(text);
  if (!healthy) process.exitCode = 2;
});
