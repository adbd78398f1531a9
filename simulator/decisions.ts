import { type Failover, decideFailover, lastCopyPhrase, offPhrase } from "../src/operate/decideFailover.ts";
import { relate } from "../src/operate/generation.ts";
import { viewGroup } from "../src/operate/groupSight.ts";
import { type Evidence, givenUpPhrase, offSincePhrase, weighEvidence } from "./rules/evidence.ts";
import { answers, generationOf, groupName, hostAnswers, inventoryOf, observe, volumeName } from "./sight.ts";
import { Conn, Disk, Domain, Role } from "./words.ts";
import { type World, mirrorName, other } from "./world.ts";

/** The one place where the simulator calls what decides a failover. */

export type { Failover };

/** @throws when it is refused */
export function failoverDecision(world: World, confirmed: string | undefined): Failover {
  const inventory = inventoryOf(world);
  const decision = decideFailover(inventory, [viewGroup(inventory, observe(world), groupName)], [groupName], confirmed);
  if (world.fixes.evidence) weigh(world, indexOf(decision.old), confirmed);
  return decision;
}

/** Once more, when the old mirror is off. @throws when something came to light */
export function weigh(world: World, old: 0 | 1, confirmed: string | undefined): void {
  const [from, to] = [world.mirrors[old], world.mirrors[other(old)]];
  const bothHaveDisks = from.own >= Disk.Inconsistent && to.own >= Disk.Inconsistent;
  weighEvidence({
    old: mirrorName(old),
    to: mirrorName(to.index),
    evidence: evidenceOf(world, old),
    lonePrimary: answers(world, from) && from.role === Role.Primary && from.conn < Conn.Connected,
    same: bothHaveDisks && relate(generationOf(from), generationOf(to)) === "same",
    lostSince: String(to.lostSince),
    confirmed,
  });
}

/** What the KVM host of a mirror says of it. */
function evidenceOf(world: World, index: 0 | 1): Evidence {
  const mirror = world.mirrors[index];
  if (!hostAnswers(world, index)) return { domain: "unknown", marks: undefined };
  if (mirror.unmounted && !mirror.disk.present) return { domain: "off", marks: undefined };
  const marks = new Map(mirror.mark === 0 ? [] : [[volumeName, String(mirror.mark)]]);
  return { domain: mirror.domain === Domain.Off ? "off" : "running", marks };
}

/** Words with which the operator goes on without the old mirror's KVM host. */
export function deadHostPhrase(world: World, { old, to }: Failover): string {
  return world.fixes.evidence ? offSincePhrase(old, String(world.mirrors[indexOf(to)].lostSince)) : offPhrase(old);
}

/** What typed words take upon the operator. */
export interface Agreed {
  /** That the old mirror is off, though nobody has seen it. */
  readonly off: boolean;
  /** That writes of the old mirror are given up. */
  readonly lost: boolean;
}

export function agreedBy(failover: Failover, confirmed: string | undefined): Agreed {
  const { old, to } = failover;
  const lost = confirmed === lastCopyPhrase(old, to) || confirmed?.startsWith(givenUpPhrase(old, "")) === true || confirmed?.startsWith(offSincePhrase(old, "")) === true;
  return { off: confirmed === lastCopyPhrase(old, to) || confirmed?.startsWith(offPhrase(old)) === true, lost };
}

export const indexOf = (mirror: string): 0 | 1 => (mirror === mirrorName(0) ? 0 : 1);
