import type { FailoverPlan } from "../plan/failover.ts";
import { block, type Lines } from "./indent.ts";

/** Parts of a resource file that decide what happens when a mirror loses its peer. */
export interface DrbdFencing {
  readonly net: Lines;
  readonly disk: Lines;
  /** Sections beside them. */
  readonly sections: Lines;
}

/**
 * Manual failover (drbd.conf(5) of 8.4): fencing resource-only, with a handler that has a lost peer mark its data as outdated, over the networks that DRBD
 * does not use. Writes go on meanwhile. A Secondary whose peer cannot be asked is not promoted, unless the peer was fenced.
 *
 * Automatic failover (the pair of handlers for 8.4, not the .9 one):
 * - fencing resource-and-stonith: writes wait from the moment the peer is lost until crm-fence-peer.sh has said on the cluster that the peer must not
 *   become primary, or Pacemaker has turned it off.
 * - after-resync-target: the mark is taken away when the peer has everything again.
 * - ping-int, timeout, ping-timeout, connect-int: a peer that died is noticed after 3 to 4 s, as corosync does, not after 6 to 10 s.
 */
export function drbdFencing(failover: FailoverPlan): DrbdFencing {
  if (failover.mode === "manual") {
    return { net: [], disk: ["fencing resource-only;"], sections: block("handlers", ['fence-peer "/usr/local/lib/kvm-mirror/fence-peer.sh";']) };
  }
  const patience = failover.fenceTimeout + 30;
  return {
    // Units of 0.1 s for timeout and ping-timeout, seconds for the others.
    net: ["timeout 30;", "connect-int 4;", "ping-int 4;", "ping-timeout 20;"],
    disk: ["fencing resource-and-stonith;"],
    sections: block("handlers", [
      `fence-peer "/usr/lib/drbd/crm-fence-peer.sh --timeout ${patience} --dc-timeout ${patience + 30}";`,
      'after-resync-target "/usr/lib/drbd/crm-unfence-peer.sh";',
    ]),
  };
}
