/**
 * `npm run client -- <name> --resume | --start | --to <KVM host> [--stack lab] [--dry-run]`: a
 * client that was paused goes on, one that is off is started, or it moves to
 * another KVM host.
 * Exit status 1 when it failed or was refused; nothing is half done that repeating the command would not finish.
 */
import { findClient } from "../observe/clientHost.ts";
import { decideMove } from "../decide/clientMove.ts";
import { moveSteps } from "../act/clientMoveSteps.ts";
import { parseClientOptions } from "./clientOptions.ts";
import { resumeSteps } from "../act/clientResume.ts";
import { startHost, startSteps } from "../act/clientStart.ts";
import { clientNamed } from "../stack/named.ts";
import { observe } from "../observe/observe.ts";
import { readInventory } from "../stack/readInventory.ts";
import { runCommand } from "./runCommand.ts";
import { carryOut } from "../act/steps.ts";

const say = (line: string): void => void process.stdout.write(`${line}\n`);

await runCommand("client", async (args) => {
  const { name, stack, dryRun, start, to, confirm } = parseClientOptions(args);
  const inventory = readInventory(stack);
  if (start) {
    const stopped = clientNamed(inventory, name);
    const host = startHost(stopped, await findClient(inventory, stopped));
    if (host === undefined) return say(`client ${name} runs already`);
    return carryOut(startSteps(inventory, stopped, host), { dryRun, say });
  }
  if (to === undefined) return carryOut(await resumeSteps(inventory, name, say), { dryRun, say });
  const client = clientNamed(inventory, name);
  const move = decideMove(client, to, await findClient(inventory, client), confirm);
  if (move.kind === "nothing") return say(`client ${name} runs on ${to} already`);
  const { mirrors: asked } = await observe(inventory);
  const mirrors = [...asked].flatMap(([mirror, seen]) => ("state" in seen ? [mirror] : []));
  const steps = moveSteps({ inventory, client, to, move, mirrors, show: (text) => void process.stdout.write(text) });
  await carryOut(steps, { dryRun, say });
  if (!dryRun) say(`client ${name} runs on ${to}`);
});
