/**
 * `npm run maintain -- <mirror> [--done] [--wait <seconds>] [--stack lab] [--dry-run]`:
 * drains a mirror, so that it can be patched or rebooted while the
 * other one serves; with --done waits until it is back and UpToDate. Exit status 1 when it refused or failed.
 */
import { parseArgs } from "node:util";
import type { Inventory } from "../../inventory.ts";
import { askCluster, maintainSteps } from "../act/clusterSteps.ts";
import { refuseWithoutThirdVote } from "../decide/thirdVote.ts";
import { decideDrain, missingAfterMaintenance, refuseUnequal } from "../decide/decideMaintenance.ts";
import { defaultStack } from "./defaultStack.ts";
import { type GroupView, viewGroup } from "../observe/groupSight.ts";
import { mirrorNamed, otherMirror } from "../stack/named.ts";
import { observe } from "../observe/observe.ts";
import { readInventory } from "../stack/readInventory.ts";
import { runCommand } from "./runCommand.ts";
import { switchGroup } from "../remote/runScript.ts";
import { carryOut, type Step } from "../act/steps.ts";
import { waitFor } from "../act/waitFor.ts";

const usage = "usage: npm run maintain -- <mirror> [--done] [--wait <seconds>] [--stack <name>] [--dry-run]";
const say = (line: string): void => void process.stdout.write(`${line}\n`);

await runCommand("maintain", async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      done: { type: "boolean", default: false },
      wait: { type: "string", default: "1800" },
      stack: { type: "string", default: defaultStack() },
      "dry-run": { type: "boolean", default: false },
    },
  });
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0 || !/^[1-9][0-9]*$/.test(values.wait)) throw new Error(usage);
  const inventory = readInventory(values.stack);
  const mirror = mirrorNamed(inventory, name);
  const other = otherMirror(inventory, name);
  const dryRun = values["dry-run"];
  const drain = async (): Promise<readonly Step[]> =>
    decideDrain(await views(inventory), other.name).map((group) => ({
      title: `group ${group} moves from ${name} to ${other.name}`,
      run: () => switchGroup(inventory.failover, group, mirror, other),
    }));
  if (inventory.failover.mode === "automatic") {
    const seen = await observe(inventory);
    if (!values.done) refuseWithoutThirdVote(seen, name);
    const asked = askCluster(inventory, seen);
    return carryOut(
      [
        ...(values.done ? [] : await drain()),
        ...maintainSteps(asked, name, values.done),
        ...(values.done ? [compared(inventory, name)] : []),
      ],
      { dryRun, say },
    );
  }

  if (values.done) {
    const preferred = inventory.groups
      .filter(({ primary }) => primary === name)
      .map((group) => group.volumes[0] ?? group.name);
    await carryOut(
      [
        {
          title: `wait, at most ${values.wait} s, until ${name} is connected and UpToDate`,
          run: () => back(inventory, name, Number(values.wait)),
        },
      ],
      { dryRun, say },
    );
    if (!dryRun)
      say(
        `${name} is back. Nothing moves by ` +
          `itself${preferred.length === 0 ? "" : "; to have its groups there again: " + `${preferred.map((volume) => `npm run switch -- ${volume} --to ${name}`).join("; ")}`}`,
      );
    return;
  }
  await carryOut(await drain(), { dryRun, say });
  if (dryRun) return;
  say(
    `${name} serves nothing. Patch or reboot it now (ssh ${mirror.ssh.target}); while it is away, ` +
      `writes are on ${other.name} alone. Then: npm run maintain -- ${name} --done`,
  );
});

function compared(inventory: Inventory, mirror: string): Step {
  return {
    title: "see that both mirrors have the same configuration",
    run: async () => refuseUnequal(await views(inventory), mirror),
  };
}

async function views(inventory: Inventory): Promise<readonly GroupView[]> {
  const seen = await observe(inventory);
  return inventory.groups.map(({ name }) => viewGroup(inventory, seen, name));
}

async function back(inventory: Inventory, mirror: string, seconds: number): Promise<void> {
  let said = "";
  const returned = await waitFor(seconds, async () => {
    const missing = missingAfterMaintenance(await views(inventory), mirror).join("; ");
    if (missing !== said && missing !== "") say(`  ${missing}`);
    said = missing;
    return missing === "";
  });
  if (!returned) throw new Error(`${mirror} is not back after ${seconds} s: ${said}`);
}
