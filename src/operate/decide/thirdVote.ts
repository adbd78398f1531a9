import type { Inventory } from "../../inventory/inventory.ts";
import { clusterSeenBy, type Observation } from "../observe/observe.ts";

/**
 * Mirrors that answer and say that the third vote (failover.qdevice) is missing.
 * Without it a mirror that is alone has one vote of three, and stops.
 */
export function lackingThirdVote(seen: Observation): readonly string[] {
  return [...seen.mirrors].flatMap(([name, found]) =>
    "state" in found && found.state.cluster?.qdevice === false ? [name] : [],
  );
}

/**
 * Both mirrors are members of a cluster that lost quorum and now waits for its third vote
 * as well: nothing keeps them from going on without it, for neither can
 * lack what the other one has once they have met.
 */
export function waitsForThirdVoteAlone({ mirrors }: Inventory, seen: Observation): boolean {
  return mirrors.every(({ name }) => {
    const cluster = clusterSeenBy(seen, name);
    return (
      cluster &&
      !cluster.quorum &&
      cluster.qdevice === false &&
      cluster.nodes.length === mirrors.length &&
      cluster.nodes.every(({ online }) => online)
    );
  });
}

/** @throws when the other mirror would be alone, without quorum, while this one is in maintenance. */
export function refuseWithoutThirdVote(seen: Observation, mirror: string): void {
  const lacking = lackingThirdVote(seen);
  if (lacking.length > 0)
    throw new Error(
      `the third vote is missing (${lacking.join(", ")}): when ${mirror} goes down, the other one has no quorum, ` +
        "and stops. Bring the third place back first: corosync-qdevice-tool -s on a mirror says what is in its way",
    );
}
