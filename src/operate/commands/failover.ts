/**
 * `npm run failover -- <volume|all> [--stack lab] [--dry-run] [--confirm "<the
 * words that a refusal shows>"]`: unplanned failover by hand.
 * Shows what it sees; asks the old primary's KVM host whether it went on alone; turns it
 * off there; asks once more; and only then promotes the other mirror.
 * Exit status 1 when it refused or failed.
 */
import { parseArgs } from "node:util";
import type { Inventory } from "../../inventory.ts";
import { type Asked, askCluster, confirmSteps, lastCopySteps, withoutThirdVoteSteps } from "../act/clusterSteps.ts";
import { decideConfirmation } from "../decide/decideConfirmation.ts";
import { decideLastCopy } from "../decide/decideLastCopy.ts";
import { waitsForThirdVoteAlone } from "../decide/thirdVote.ts";
import { decideFailover } from "../decide/decideFailover.ts";
import { refuseUnlessEqual } from "../decide/decideNewest.ts";
import { defaultStack } from "./defaultStack.ts";
import { type Evidence, everyEvidence, evidenceOf } from "../observe/evidence.ts";
import { type GroupView, viewGroup } from "../observe/groupSight.ts";
import { lookQuickly } from "../observe/lookQuickly.ts";
import { hostNamed, mirrorNamed } from "../stack/named.ts";
import { type Observation, observe } from "../observe/observe.ts";
import { readInventory } from "../stack/readInventory.ts";
import { renderStatus } from "../tell/renderStatus.ts";
import { runCommand } from "./runCommand.ts";
import { changeOnMirror, hostScript, patient } from "../remote/runScript.ts";
import { selectGroups } from "../decide/selectGroups.ts";
import { carryOut, type Step } from "../act/steps.ts";

const usage =
  'usage: npm run failover -- <volume|all> [--stack <name>] [--dry-run] [--confirm "<the words that a refusal shows>"]';
const say = (line: string): void => void process.stdout.write(`${line}\n`);

await runCommand("failover", async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      stack: { type: "string", default: defaultStack() },
      "dry-run": { type: "boolean", default: false },
      confirm: { type: "string" },
    },
  });
  const [selection, ...rest] = positionals;
  if (selection === undefined || rest.length > 0) throw new Error(usage);
  const inventory = readInventory(values.stack);
  const byHand = inventory.failover.mode === "manual";
  const [seen, known] = await Promise.all([
    lookQuickly((patience) => observe(inventory, patience)),
    byHand ? everyEvidence(inventory, { ...patient, connect: 3 }) : new Map<string, Evidence>(),
  ]);
  process.stdout.write(renderStatus(inventory, seen, known).text);
  if (!byHand) {
    return carryOut(clusterSteps(inventory, seen, values.confirm), { dryRun: values["dry-run"], say });
  }
  const views = inventory.groups.map(({ name }) => viewGroup(inventory, seen, name));
  const evidence = (mirror: string): Evidence => known.get(mirror) ?? { domain: "unknown", marks: undefined };
  const { old, to, groups, lastCopy } = decideFailover(
    inventory,
    views,
    selectGroups(inventory, selection),
    evidence,
    values.confirm,
  );
  let certainty: Certainty = lastCopy ? "--last-copy" : "--peer-fenced";
  const steps: Step[] = [
    offStep(inventory, old, async () => {
      const fenced = await fence(inventory, old, lastCopy || evidence(old).domain === "unknown");
      if (lastCopy) return;
      if (fenced === "--peer-fenced")
        await refuseIfAlone(inventory, views, groups, { old, to, confirmed: values.confirm });
      certainty = fenced;
    }),
    ...groups.map((group) => ({
      title: `group ${group}: ${to} promotes its volumes, serves them and takes the VIP`,
      run: async () =>
        void (await changeOnMirror(mirrorNamed(inventory, to), 180, "group-start.sh", group, certainty, old)),
    })),
    {
      title: "have the KVM hosts drop connections to the old primary, so that clients connect anew at once",
      run: () => resetConnections(inventory, groups),
    },
  ];
  await carryOut(steps, { dryRun: values["dry-run"], say });
  if (!values["dry-run"])
    say(
      `${to} serves ${groups.join(", ")}. Writes are on one disk until ${old} is back: start it (virsh start ` +
        `${old} on ${mirrorNamed(inventory, old).host}); it becomes the secondary by itself`,
    );
});

/** What the cluster needs an operator for. @throws when it needs nobody, or not this */
function clusterSteps(inventory: Inventory, seen: Observation, confirmed: string | undefined): readonly Step[] {
  const through = (): Asked => askCluster(inventory, seen);
  if (waitsForThirdVoteAlone(inventory, seen)) return withoutThirdVoteSteps(through());
  const lost = decideLastCopy(inventory, seen, confirmed);
  if (lost === undefined) return confirmSteps(through(), decideConfirmation(inventory, seen, confirmed));
  return [offStep(inventory, lost, () => fence(inventory, lost, true)), ...lastCopySteps(through(), lost)];
}

function offStep(inventory: Inventory, mirror: string, run: () => Promise<unknown>): Step {
  return {
    title: `turn ${mirror} off at its KVM host ${mirrorNamed(inventory, mirror).host}, and see that it is off`,
    run: async () => void (await run()),
  };
}

/** How it is known that the old primary is off: option of group-start.sh. */
type Certainty = "--peer-fenced" | "--peer-said-off" | "--last-copy";

/** @param byWord the operator has given his word for what its KVM host does not say; decideFailover has weighed it */
async function fence(
  inventory: Inventory,
  mirror: string,
  byWord: boolean,
): Promise<"--peer-fenced" | "--peer-said-off"> {
  const host = hostNamed(inventory, mirrorNamed(inventory, mirror).host);
  try {
    await hostScript(host, 60, "fence-mirror.sh", mirror);
    return "--peer-fenced";
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (!byWord)
      throw new Error(
        `${mirror} could not be turned off, although ${host.name} answered a moment ago: ${why}. Nothing was ` +
          `promoted. Run this again: when ${host.name} does not answer any more, it says what can be done`,
      );
    say(`${mirror} could not be turned off (${why}); going on by your word`);
    return "--peer-said-off";
  }
}

/**
 * Between the look and its end the old primary may have gone on alone: now that it
 * is off, its marks are what they will be. @throws when it has
 */
async function refuseIfAlone(
  inventory: Inventory,
  views: readonly GroupView[],
  groups: readonly string[],
  { old, to, confirmed }: { readonly old: string; readonly to: string; readonly confirmed: string | undefined },
): Promise<void> {
  const evidence = await evidenceOf(inventory, old, patient);
  for (const view of views.filter(({ group }) => groups.includes(group))) {
    const ours: GroupView = { ...view, sights: view.sights.filter(({ mirror }) => mirror === to) };
    try {
      refuseUnlessEqual(ours, { old, to, evidence, confirmed });
    } catch (error) {
      throw new Error(
        `${old} is off now, and nothing was promoted. ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}

async function resetConnections(inventory: Inventory, groups: readonly string[]): Promise<void> {
  const served = inventory.groups
    .filter(({ name }) => groups.includes(name))
    .map(({ vip }) => [
      vip,
      ...new Set(inventory.exports.filter(({ address }) => address === vip).map(({ port }) => String(port))),
    ]);
  const results = await Promise.allSettled(
    inventory.hosts.flatMap((host) =>
      served.map((address) => hostScript(host, 30, "reset-connections.sh", ...address)),
    ),
  );
  // A host that cannot be asked has no clients that could wait; the others' keepalive would find out as well, later.
  for (const result of results)
    if (result.status === "rejected")
      say(`  ${String(result.reason instanceof Error ? result.reason.message : result.reason)}`);
}
