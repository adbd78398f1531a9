import type { Inventory } from "../../inventory/inventory.ts";
import { messageOf } from "../../../plugins/serving/messageOf.ts";
import { decideConfirmation } from "../decide/decideConfirmation.ts";
import type { Failover } from "../decide/decideFailover.ts";
import { decideLastCopy } from "../decide/decideLastCopy.ts";
import { refuseUnlessEqual } from "../decide/decideNewest.ts";
import { weighed } from "../decide/elsewhere.ts";
import { runsStill } from "../decide/runsStill.ts";
import { waitsForThirdVoteAlone } from "../decide/thirdVote.ts";
import { type Evidence, evidenceOf, mayRunUnseen } from "../observe/evidence.ts";
import type { GroupView } from "../observe/groupSight.ts";
import type { Observation } from "../observe/observe.ts";
import { changeOnMirror, hostScript, patient } from "../remote/runScript.ts";
import { hostNamed, isExported, mirrorNamed, otherMirror } from "../stack/named.ts";
import { stopCommand } from "../stack/startCommand.ts";
import { type Asked, askCluster, confirmSteps, lastCopySteps, withoutThirdVoteSteps } from "./clusterSteps.ts";
import type { Step } from "./steps.ts";

/** What a failover starts from. */
export interface FailoverArgs {
  readonly inventory: Inventory;
  /** What the operator typed. */
  readonly confirmed: string | undefined;
  readonly say: (line: string) => void;
}

/**
 * By hand: the old primary is turned off, asked after once more, and only then the other mirror promotes.
 * @param evidence what the KVM host of the old primary said, as it was decided by
 */
export function byHandSteps(
  { inventory, confirmed, say }: FailoverArgs,
  { old, to, groups, copy }: Failover,
  views: readonly GroupView[],
  evidence: Evidence,
): readonly Step[] {
  let certainty: Certainty = copy === "proven" ? "--peer-fenced" : `--${copy}-copy`;
  return [
    offStep(inventory, old, evidence.domain, async () => {
      if (copy !== "proven") await refuseIfItRuns(inventory, old, to);
      const fenced = await fence(inventory, old, {
        byWord: copy !== "proven" || mayRunUnseen(evidence.domain),
        say,
      });
      if (copy !== "proven") return;
      if (fenced === "--peer-fenced") await refuseIfAlone(inventory, views, groups, { old, to, confirmed });
      // What its own KVM host says of one that was moved is no proof.
      certainty = evidence.domain === "moved" ? "--peer-said-off" : fenced;
    }),
    ...groups.map((group) => ({
      title:
        `group ${group}: ${to} promotes its volumes` +
        (isExported(inventory, group) ? ", serves them and takes the VIP" : ""),
      run: async () =>
        void (await changeOnMirror(mirrorNamed(inventory, to), 180, "group-start.sh", group, certainty, old)),
    })),
    ...(groups.some((group) => isExported(inventory, group))
      ? [
          {
            title: "have the KVM hosts drop connections to the old primary, so that clients connect anew at once",
            run: () => resetConnections(inventory, groups, say),
          },
        ]
      : []),
  ];
}

/** What the cluster needs an operator for. @throws when it needs nobody, or not this */
export function inClusterSteps(
  { inventory, confirmed, say }: FailoverArgs,
  seen: Observation,
  evidence: (mirror: string) => Evidence,
): readonly Step[] {
  const through = (): Asked => askCluster(inventory, seen);
  if (waitsForThirdVoteAlone(inventory, seen)) return withoutThirdVoteSteps(through());
  const lost = decideLastCopy(inventory, seen, evidence, confirmed);
  if (lost === undefined) {
    const dead = decideConfirmation(inventory, seen, evidence, confirmed);
    const { domain } = evidence(dead);
    return [
      offStep(inventory, dead, domain, () => fence(inventory, dead, { byWord: mayRunUnseen(domain), say })),
      ...confirmSteps(through(), dead),
    ];
  }
  return [
    offStep(inventory, lost, evidence(lost).domain, async () => {
      await refuseIfItRuns(inventory, lost, otherMirror(inventory, lost).name);
      await fence(inventory, lost, { byWord: true, say });
    }),
    ...lastCopySteps(through(), lost),
  ];
}

/** Its KVM host may have been away for the look, or somebody may have started it since. @throws when it runs */
async function refuseIfItRuns(inventory: Inventory, lost: string, to: string): Promise<void> {
  const { domain } = await evidenceOf(inventory, lost, patient);
  if (domain === "running") throw new Error(`nothing was promoted: ${runsStill(inventory, lost, to)}`);
}

/** @param domain what its KVM host said of the mirror a moment ago; it is asked again in any case */
function offStep(inventory: Inventory, mirror: string, domain: Evidence["domain"], run: () => Promise<unknown>): Step {
  const { host } = mirrorNamed(inventory, mirror);
  const off = `turn ${mirror} off at its KVM host ${host}`;
  const title = {
    off: `see at its KVM host ${host} that ${mirror} is still off`,
    running: `${off}, and see that it is off`,
    moved: `see at its KVM host ${host} that ${mirror} is back and off; go on without it otherwise`,
    unknown: `try to ${off}, which did not answer; go on without it otherwise`,
  }[domain];
  return { title, run: async () => void (await run()) };
}

/** How it is known that the old primary is off: option of group-start.sh. */
type Certainty = "--peer-fenced" | "--peer-said-off" | "--last-copy" | "--stale-copy";

/**
 * @param byWord the operator has given his word for what its KVM host does not say; the decision has weighed it
 * @throws when the mirror could not be turned off, and either nobody gave his word or its KVM host says that it runs
 */
async function fence(
  inventory: Inventory,
  mirror: string,
  { byWord, say }: { readonly byWord: boolean; readonly say: (line: string) => void },
): Promise<"--peer-fenced" | "--peer-said-off"> {
  const host = hostNamed(inventory, mirrorNamed(inventory, mirror).host);
  try {
    await hostScript(host, 60, "fence-mirror.sh", mirror);
    return "--peer-fenced";
  } catch (error) {
    const why = messageOf(error);
    if (!byWord)
      throw new Error(
        `${mirror} could not be turned off, although ${host.name} answered a moment ago: ${why}. Nothing was ` +
          `promoted. Run this again: when ${host.name} does not answer any more, it says what can be done`,
      );
    // The host may have come back since the look. Where it is dead, this takes the 3 s more.
    const { domain } = await evidenceOf(inventory, mirror, { ...patient, connect: 3 });
    if (domain === "running")
      throw new Error(
        `${mirror} still runs, its KVM host ${host.name} says, and could not be turned off (${why}). Nothing was ` +
          `promoted: two mirrors would take writes. Turn it off: ${stopCommand(inventory, mirror)}; then repeat`,
      );
    say(`${mirror} could not be turned off (${why}); going on, as you confirmed`);
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
  const told = await evidenceOf(inventory, old, patient);
  const ours = views.map((view) => ({ ...view, sights: view.sights.filter(({ mirror }) => mirror === to) }));
  const evidence = weighed(told, old, ours);
  for (const view of ours.filter(({ group }) => groups.includes(group))) {
    try {
      refuseUnlessEqual(inventory, view, { old, to, evidence, confirmed });
    } catch (error) {
      throw new Error(`${old} is off now, and nothing was promoted. ${messageOf(error)}`);
    }
  }
}

/** The KVM hosts drop connections to the VIPs of the groups, so that their clients connect anew at once. */
async function resetConnections(
  inventory: Inventory,
  groups: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  const served = inventory.groups
    .filter(({ name }) => groups.includes(name))
    .flatMap(({ vip }) => vip ?? [])
    .map((vip) => [
      vip,
      ...new Set(inventory.exports.filter(({ address }) => address === vip).map(({ port }) => String(port))),
    ]);
  const results = await Promise.allSettled(
    inventory.hosts.flatMap((host) =>
      served.map((address) => hostScript(host, 30, "reset-connections.sh", ...address)),
    ),
  );
  // A host that cannot be asked has no clients that could wait; the others' keepalive would find out as well, later.
  for (const result of results) if (result.status === "rejected") say(`  ${messageOf(result.reason)}`);
}
