import type { Observation } from "../observe.ts";

/** Mirrors that answer and say that the third vote (failover.qdevice) is missing. Without it a mirror that is alone has one vote of three, and stops. */
export function lackingThirdVote(seen: Observation): readonly string[] {
  return [...seen.mirrors].flatMap(([name, found]) => ("state" in found && found.state.cluster?.qdevice === false ? [name] : []));
}

/** @throws when the other mirror would be alone, without quorum, while this one is in maintenance. */
export function refuseWithoutThirdVote(seen: Observation, mirror: string): void {
  const lacking = lackingThirdVote(seen);
  if (lacking.length > 0) throw new Error(`the third vote is missing (${lacking.join(", ")}): when ${mirror} goes down, the other one has no quorum, and stops. Bring the third place back first: corosync-qdevice-tool -s on a mirror says what is in its way`);
}
