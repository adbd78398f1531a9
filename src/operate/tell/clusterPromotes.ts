import type { MirrorState } from "../observe/states.ts";

/** A mirror whose volumes no mirror that answers has as Primary, while the other mirror is silent to the operator. */
interface Waiting {
  readonly state: MirrorState;
  readonly silent: string;
  readonly volume: string;
}

/**
 * What a cluster does about a volume whose primary is silent to the operator, and what to look at. A cluster fences: no
 * mirror leaves a mark on its KVM host there. A primary that goes on without its peer has the cluster forbid the peer's
 * copy first (crm-fence-peer.sh of drbd-utils).
 */
export function clusterPromotes({ state, silent, volume }: Waiting): string {
  const { mirror, cluster } = state;
  const hears = cluster?.nodes.find(({ name }) => name === silent);
  if (!cluster?.answers)
    return `. Pacemaker does not run on ${mirror}: nobody promotes its copy; \`systemctl start pacemaker\` there`;
  if (!cluster.quorum)
    return `. The cluster has no quorum and promotes nothing; docs/runbooks/both-down.md, "Automatic failover"`;
  if (cluster.paused) return ". The cluster is paused and promotes nothing until that ends";
  if (cluster.nodes.some(({ name, standby }) => name === mirror && standby))
    return `. ${mirror} is in standby: the cluster promotes nothing there (kvm-mirror maintain ${mirror} --done)`;
  if (hears?.online && !hears.unclean)
    return (
      `, unless ${silent} serves it: the cluster hears ${silent}, which does not answer you. ${look(mirror)} says ` +
      `where it runs; see to the management network and to sshd on ${silent}`
    );
  const when = hears?.unclean
    ? `The cluster promotes the copy of ${mirror} as soon as ${silent} is seen to be off`
    : `${silent} is off, or has left the cluster, which now promotes the copy of ${mirror}`;
  return (
    `. ${when}. It does not if ${silent} went on without ${mirror} before: a constraint ` +
    `drbd-fence-by-handler-${volume}… then keeps that copy back until ${silent} returns (\`sudo cibadmin --query ` +
    `--scope constraints\` on ${mirror}). ${look(mirror)} says what it is at; docs/runbooks/primary-died.md, ` +
    '"Automatic failover"'
  );
}

const look = (mirror: string): string => `\`sudo crm_mon -1\` on ${mirror}`;
