/**
 * `npm run failover -- <volume|all> [--stack lab] [--dry-run] [--confirm "<mirror> is off and stays off"]`: unplanned failover by hand.
 * The words for a copy that was started alone are printed when it is refused (decideFailover.ts).
 * Shows what it sees, turns the old primary off through its KVM host, and only then promotes the other mirror. Exit status 1 when it refused or failed.
 */
import { parseArgs } from "node:util";
import type { Inventory } from "../inventory.ts";
import { type Asked, askCluster, confirmSteps, lastCopySteps, withoutThirdVoteSteps } from "./automatic/clusterSteps.ts";
import { decideConfirmation } from "./automatic/decideConfirmation.ts";
import { decideLastCopy } from "./automatic/decideLastCopy.ts";
import { waitsForThirdVoteAlone } from "./automatic/thirdVote.ts";
import { decideFailover, offPhrase } from "./decideFailover.ts";
import { defaultStack } from "./defaultStack.ts";
import { viewGroup } from "./groupSight.ts";
import { lookQuickly } from "./lookQuickly.ts";
import { hostNamed, mirrorNamed } from "./named.ts";
import { type Observation, observe } from "./observe.ts";
import { readInventory } from "./readInventory.ts";
import { renderStatus } from "./renderStatus.ts";
import { runCommand } from "./runCommand.ts";
import { changeOnMirror, hostScript } from "./runScript.ts";
import { selectGroups } from "./selectGroups.ts";
import { carryOut, type Step } from "./steps.ts";

const usage = 'usage: npm run failover -- <volume|all> [--stack <name>] [--dry-run] [--confirm "<mirror> is off and stays off"]';
const say = (line: string): void => void process.stdout.write(`${line}\n`);

await runCommand("failover", async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { stack: { type: "string", default: defaultStack() }, "dry-run": { type: "boolean", default: false }, confirm: { type: "string" } },
  });
  const [selection, ...rest] = positionals;
  if (selection === undefined || rest.length > 0) throw new Error(usage);
  const inventory = readInventory(values.stack);
  const seen = await lookQuickly((patience) => observe(inventory, patience));
  process.stdout.write(renderStatus(inventory, seen).text);
  if (inventory.failover.mode === "automatic") {
    return carryOut(clusterSteps(inventory, seen, values.confirm), { dryRun: values["dry-run"], say });
  }
  const views = inventory.groups.map(({ name }) => viewGroup(inventory, seen, name));
  const { old, to, groups, lastCopy } = decideFailover(inventory, views, selectGroups(inventory, selection), values.confirm);
  let certainty: Certainty = "--peer-fenced";
  const steps: Step[] = [
    offStep(inventory, old, async () => void (certainty = await fence(inventory, old, values.confirm, lastCopy))),
    ...groups.map((group) => ({
      title: `group ${group}: ${to} promotes its volumes, serves them and takes the VIP`,
      run: async () => void (await changeOnMirror(mirrorNamed(inventory, to), 180, "group-start.sh", group, certainty, old)),
    })),
    { title: "have the KVM hosts drop connections to the old primary, so that clients connect anew at once", run: () => resetConnections(inventory, groups) },
  ];
  await carryOut(steps, { dryRun: values["dry-run"], say });
  if (!values["dry-run"]) say(`${to} serves ${groups.join(", ")}. Writes are on one disk until ${old} is back: start it (virsh start ${old} on ${mirrorNamed(inventory, old).host}); it becomes the secondary by itself`);
});

/** What the cluster needs an operator for. @throws when it needs nobody, or not this */
function clusterSteps(inventory: Inventory, seen: Observation, confirmed: string | undefined): readonly Step[] {
  const through = (): Asked => askCluster(inventory, seen);
  if (waitsForThirdVoteAlone(inventory, seen)) return withoutThirdVoteSteps(through());
  const lost = decideLastCopy(inventory, seen, confirmed);
  if (lost === undefined) return confirmSteps(through(), decideConfirmation(inventory, seen, confirmed));
  return [offStep(inventory, lost, () => fence(inventory, lost, confirmed, true)), ...lastCopySteps(through(), lost)];
}

function offStep(inventory: Inventory, mirror: string, run: () => Promise<unknown>): Step {
  return { title: `turn ${mirror} off at its KVM host ${mirrorNamed(inventory, mirror).host}, and see that it is off`, run: async () => void (await run()) };
}

/** How it is known that the old primary is off: option of group-start.sh. */
type Certainty = "--peer-fenced" | "--peer-said-off" | "--last-copy";

async function fence(inventory: Inventory, mirror: string, confirmed: string | undefined, lastCopy: boolean): Promise<Certainty> {
  const host = hostNamed(inventory, mirrorNamed(inventory, mirror).host);
  try {
    await hostScript(host, 60, "fence-mirror.sh", mirror);
    return lastCopy ? "--last-copy" : "--peer-fenced";
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const phrase = offPhrase(mirror);
    if (lastCopy) {
      say(`${mirror} could not be turned off (${why}); going on by your word that it is lost for good`);
      return "--last-copy";
    }
    if (confirmed !== phrase) {
      throw new Error(
        `${mirror} could not be turned off: ${why}. If it still runs and ${host.name} can be reached again, two mirrors would take writes, and those of one are lost. ` +
          `Cut its power and make sure that it stays off; then repeat with --confirm "${phrase}"${confirmed === undefined ? "" : ` (you typed "${confirmed}")`}`,
      );
    }
    say(`${mirror} could not be turned off (${why}); going on by your word that it is off`);
    return "--peer-said-off";
  }
}

async function resetConnections(inventory: Inventory, groups: readonly string[]): Promise<void> {
  const served = inventory.groups
    .filter(({ name }) => groups.includes(name))
    .map(({ vip }) => [vip, ...new Set(inventory.exports.filter(({ address }) => address === vip).map(({ port }) => String(port)))]);
  const results = await Promise.allSettled(inventory.hosts.flatMap((host) => served.map((address) => hostScript(host, 30, "reset-connections.sh", ...address))));
  // A host that cannot be asked has no clients that could wait; the others' keepalive would find out as well, later.
  for (const result of results) if (result.status === "rejected") say(`  ${String(result.reason instanceof Error ? result.reason.message : result.reason)}`);
}
