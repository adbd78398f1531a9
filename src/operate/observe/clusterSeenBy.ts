import type { Observation } from "./observe.ts";
import type { ClusterState } from "./states.ts";

/** The cluster as a mirror sees it; undefined when the mirror does not answer, or Pacemaker there does not. */
export function clusterSeenBy(seen: Observation, mirror: string): ClusterState | undefined {
  const found = seen.mirrors.get(mirror);
  return found && "state" in found && found.state.cluster?.answers ? found.state.cluster : undefined;
}
