import { type Failover, decideFailover } from "../src/operate/decide/decideFailover.ts";
import { givenUpPhrase, offPhrase, refuseUnlessEqual } from "../src/operate/decide/decideNewest.ts";
import { weighed } from "../src/operate/decide/elsewhere.ts";
import { type Evidence, mayRunUnseen, timeOf } from "../src/operate/observe/evidence.ts";
import { type GroupView, viewGroup } from "../src/operate/observe/groupSight.ts";
import { groupName, hostAnswers, inventoryOf, observe, volumeName } from "./sight.ts";
import { Domain } from "./words.ts";
import { type World, mirrorName } from "./world.ts";

/** The one place where the simulator calls what decides a failover. */

export interface Decided {
  readonly failover: Failover;
  /** By the word of its own KVM host, weighed, the old mirror runs elsewhere. */
  readonly moved: boolean;
  /** The operator's confirmation takes the place of what the old mirror's KVM host does not say. */
  readonly byWord: boolean;
  /** Once more, when the old mirror is off. @throws when it went on alone after the first look */
  again(): void;
}

/** @throws when it is refused */
export function decide(world: World, confirmed: string | undefined): Decided {
  const inventory = inventoryOf(world);
  const seen = viewGroup(inventory, observe(world), groupName);
  if (!world.fixes.evidence) {
    const failover = decideFailover(inventory, [blind(seen)], [groupName], () => nothingKnown, confirmed);
    return { failover, moved: false, byWord: confirmed !== undefined, again: () => undefined };
  }
  const weigh = (mirror: string, view: GroupView): Evidence =>
    weighed(evidenceOf(world, indexOf(mirror)), mirror, [view]);
  const evidence = (mirror: string): Evidence => weigh(mirror, seen);
  const failover = decideFailover(inventory, [seen], [groupName], evidence, confirmed);
  const { old, to } = failover;
  const { domain } = evidence(old);
  return {
    failover,
    moved: domain === "moved",
    byWord: failover.copy !== "proven" || mayRunUnseen(domain),
    again: () => {
      const ours = { ...seen, sights: seen.sights.filter(({ mirror }) => mirror === to) };
      refuseUnlessEqual(inventory, ours, { old, to, evidence: weigh(old, ours), confirmed });
    },
  };
}

/** As before there were marks: nobody asked, and generations were not compared. */
const nothingKnown: Evidence = { domain: "running", marks: new Map() };
const blind = (view: GroupView): GroupView => ({
  ...view,
  sights: view.sights.map((sight) => ({
    ...sight,
    volumes: sight.volumes.map((volume) => ({
      ...volume,
      generation: "0000000000000008:0000000000000000:0000000000000000:0000000000000000:",
    })),
  })),
});

/** What the KVM host of a mirror says of it (scripts/host/mirror-evidence.sh). */
function evidenceOf(world: World, index: 0 | 1): Evidence {
  const mirror = world.mirrors[index];
  if (!hostAnswers(world, index)) return { domain: "unknown", marks: undefined };
  if (mirror.moved && !mirror.unseen && world.fixes.movedIsOn) return { domain: "moved", marks: undefined };
  const domain = mirror.domain === Domain.Off || mirror.moved ? "off" : "running";
  if (mirror.unmounted && !mirror.disk.present) return { domain, marks: undefined };
  // What was left behind on its own host never changes again.
  const mark = mirror.moved ? mirror.leftMark : mirror.mark;
  return {
    domain,
    marks: new Map(mark === 0 ? [] : [[volumeName, timeOf(mark)]]),
    ...(world.fixes.signOfLife ? { alive: mirror.alive } : {}),
  };
}

/** What typed words take upon the operator. */
export interface Agreed {
  /** That the old mirror is off, though nobody has seen it. */
  readonly off: boolean;
  /** That writes of the old mirror are given up. */
  readonly lost: boolean;
}

export function agreedBy({ old, copy }: Failover, confirmed = ""): Agreed {
  const lastCopy = copy !== "proven";
  return {
    off: lastCopy || confirmed.startsWith(offPhrase(old)),
    lost:
      lastCopy ||
      confirmed.startsWith(givenUpPhrase(old, "")) ||
      confirmed.startsWith(`${offPhrase(old)}, and wrote nothing`),
  };
}

export const indexOf = (mirror: string): 0 | 1 => (mirror === mirrorName(0) ? 0 : 1);
