import type { FailoverPlan } from "../../plan/placement/failover.ts";
import type { Lines } from "../indent.ts";

/** Parts of a resource file that decide what happens when a mirror loses its peer. */
export interface DrbdFencing {
  readonly net: Lines;
  readonly disk: Lines;
  readonly handlers: Lines;
}

/**
 * Fencing resource-and-stonith (drbd.conf(5) of 8.4): writes wait from the moment the
 * peer is lost until the handler has ended, so that no write is
 * acknowledged by one mirror alone before that is known elsewhere.
 * - Manual failover, fence-peer.sh: the peer marks its data as outdated, asked over the
 *   networks that DRBD does not use; where it cannot be reached, the
 * Primary leaves a mark on its KVM host before it goes on. A Secondary whose peer
 * cannot be asked is not promoted, unless the peer was fenced.
 * - Automatic failover, crm-fence-peer.sh (the handlers for 8.4, not the .9 pair): the
 *   cluster knows that the peer must not become primary, or Pacemaker
 *   has turned it off. after-resync-target: that mark is taken away when the peer has everything again.
 * ping-int, timeout, ping-timeout, connect-int: a peer that died is noticed after 2 to 4 s. Clients wait for it: a
 * Secondary whose peer is fenced becomes Primary no sooner. It takes ping-timeout and up to twice ping-int, because
 * what came by the data connection meanwhile counts as a sign of life (drbd_receiver.c, drbd_ack_receiver): by default
 * up to 21 s. A connection that stands takes a new ping-int only with the next answer to a ping of its own.
 * ko-count: a peer that answers pings, and has not answered a write after ko-count times timeout, 12 s, is given up, by
 * default after 21 s. Its disk hangs; one that is merely slow is not given up (docs/runbooks/slow-writes.md).
 */
export function drbdFencing(failover: FailoverPlan): DrbdFencing {
  // Units of 0.1 s for timeout and ping-timeout, seconds for the others.
  const common = {
    net: ["timeout 30;", "ko-count 4;", "connect-int 4;", "ping-int 1;", "ping-timeout 20;"],
    disk: ["fencing resource-and-stonith;"],
  };
  if (failover.mode === "manual") {
    return { ...common, handlers: ['fence-peer "/usr/local/lib/kvm-mirror/fence-peer.sh";'] };
  }
  const patience = failover.fenceTimeout + 30;
  return {
    ...common,
    handlers: [
      `fence-peer "/usr/lib/drbd/crm-fence-peer.sh --timeout ${patience} --dc-timeout ${patience + 30}";`,
      'after-resync-target "/usr/lib/drbd/crm-unfence-peer.sh";',
    ],
  };
}
