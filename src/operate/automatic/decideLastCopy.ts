import type { Inventory } from "../../inventory.ts";
import { lastCopyPhrase } from "../decideFailover.ts";
import type { Observation } from "../observe.ts";

/**
 * After both mirrors went down and one came back alone: its cluster waits for the other one (wait_for_all), whose copy may be the newer.
 * @param confirmed what the operator typed
 * @returns the mirror that is waited for; undefined when this is not how things are
 * @throws when the operator has not said that this mirror is lost for good
 */
export function decideLastCopy(inventory: Inventory, seen: Observation, confirmed: string | undefined): string | undefined {
  const answering = [...seen.mirrors.values()].flatMap((found) => ("state" in found ? [found.state] : []));
  const [alone, ...more] = answering;
  if (!alone?.cluster?.answers || alone.cluster.quorum || more.length > 0) return undefined;
  const to = alone.mirror;
  const lost = inventory.mirrors.find(({ name }) => name !== to);
  if (!lost) throw new Error(`stack ${inventory.stack} has no other mirror than ${to}`);
  const phrase = lastCopyPhrase(lost.name, to);
  if (confirmed === phrase) return lost.name;
  throw new Error(
    `${to} booted alone, and runs nothing before it has seen ${lost.name}, which may have taken writes that ${to} lacks. Bring ${lost.name} back: as soon as they meet, they know ` +
      `(docs/runbooks/both-down.md). Only if ${lost.name} never comes back, and was not the one that served last by itself, take it upon yourself: --confirm "${phrase}"` +
      `${confirmed === undefined ? "" : ` (you typed "${confirmed}")`}. Writes that ${lost.name} alone had are lost then`,
  );
}
