import type { Inventory } from "../../inventory/inventory.ts";
import { bringBack } from "./bringBack.ts";
import { lastCopyPhrase } from "./decideFailover.ts";
import { runsStill } from "./runsStill.ts";
import { youTyped } from "./youTyped.ts";
import { otherMirror } from "../stack/named.ts";
import type { Evidence } from "../observe/evidence.ts";
import type { Observation } from "../observe/observe.ts";

/**
 * A mirror is alone without quorum: both went down and it came back first, or, with a third
 * vote, that was away when the other mirror died. Its cluster waits for
 * the other one (wait_for_all), whose copy may be the newer.
 * @param evidence what its KVM host says of a mirror to the operator
 * @param confirmed what the operator typed
 * @returns the mirror that is waited for; undefined when this is not how things are
 * @throws when the operator has not said that this mirror is lost for good, when it runs by the word of its KVM host,
 *   or the third vote is missing as well
 */
export function decideLastCopy(
  inventory: Inventory,
  seen: Observation,
  evidence: (mirror: string) => Evidence,
  confirmed: string | undefined,
): string | undefined {
  const answering = [...seen.mirrors.values()].flatMap((found) => ("state" in found ? [found.state] : []));
  const [alone, ...more] = answering;
  if (!alone?.cluster?.answers || alone.cluster.quorum || more.length > 0) return undefined;
  const to = alone.mirror;
  const lost = otherMirror(inventory, to);
  if (alone.cluster.qdevice === false)
    throw new Error(
      `${to} has one vote of three: ${lost.name} and the third vote are both away. Bring ` +
        `the third place back first, without it ${to} does not go on alone; and ` +
        `${lost.name}: as soon as all three are there, the groups start`,
    );
  const { domain } = evidence(lost.name);
  if (domain === "running") throw new Error(runsStill(inventory, lost.name, to));
  const phrase = lastCopyPhrase(lost.name, to);
  if (confirmed === phrase) return lost.name;
  throw new Error(
    `${to} is alone, has no quorum, and runs nothing before it has seen ${lost.name}, which may have taken ` +
      `writes that ${to} lacks. ${bringBack(inventory, lost.name, domain)}: as soon as they meet, they know ` +
      `(docs/runbooks/both-down.md). Only if ${lost.name} never comes back, and was not the one ` +
      `that served last by itself, go on with the copy of ${to}: --confirm "${phrase}"` +
      `${youTyped(confirmed)}. ` +
      `Writes that ${lost.name} alone had are lost then`,
  );
}
