/**
 * `npm run switch -- <volume|all> --to <mirror> [--stack lab] [--dry-run]`: planned
 * switch of export groups. Exit status 1 when one did not move.
 */
import { parseArgs } from "node:util";
import { decideSwitch } from "../decide/decideSwitch.ts";
import { defaultStack } from "./defaultStack.ts";
import { viewGroup } from "../observe/groupSight.ts";
import { mirrorNamed } from "../stack/named.ts";
import { observe } from "../observe/observe.ts";
import { readInventory } from "../stack/readInventory.ts";
import { runCommand } from "./runCommand.ts";
import { switchGroup } from "../remote/runScript.ts";
import { selectGroups } from "../decide/selectGroups.ts";
import { carryOut, type Step } from "../act/steps.ts";

const usage = "usage: npm run switch -- <volume|all> --to <mirror> [--stack <name>] [--dry-run]";
const say = (line: string): void => void process.stdout.write(`${line}\n`);

await runCommand("switch", async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      to: { type: "string" },
      stack: { type: "string", default: defaultStack() },
      "dry-run": { type: "boolean", default: false },
    },
  });
  const [selection, ...rest] = positionals;
  if (selection === undefined || rest.length > 0 || values.to === undefined) throw new Error(usage);
  const inventory = readInventory(values.stack);
  const to = mirrorNamed(inventory, values.to);
  const groups = selectGroups(inventory, selection);
  const seen = await observe(inventory);
  const steps: Step[] = [];
  for (const group of groups) {
    const decision = decideSwitch(viewGroup(inventory, seen, group), to.name);
    if (decision.kind === "there") {
      say(`group ${group} runs on ${to.name} already`);
      continue;
    }
    const from = mirrorNamed(inventory, decision.from);
    steps.push({
      title:
        `group ${group}: ${inventory.failover.mode === "automatic" ? "the cluster is paused; " : ""}${to.name} ` +
        `gets ready; ${from.name} ends its servers, takes the VIP down and lets the volumes go; ${to.name} takes ` +
        "them",
      run: () => switchGroup(inventory.failover, group, from, to),
    });
  }
  await carryOut(steps, { dryRun: values["dry-run"], say });
  if (!values["dry-run"] && steps.length > 0)
    say(`done; \`pulumi up\` leaves it there. To prefer it for good, set kvm-mirror:groups: primary: ${to.name}`);
});
