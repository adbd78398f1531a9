import { isAddress } from "../../config/address.ts";
import { libvirtHost, libvirtLogin } from "../../config/libvirtUri.ts";
import { type Context, named } from "../context.ts";
import { groupName } from "./groups.ts";
import { peerOf } from "./pair.ts";

/** Fencing of one mirror: how the other one turns it off. */
export interface FencePlan {
  /** The mirror that is turned off; its domain has the same name. */
  readonly mirror: string;
  /** The mirror that does it. */
  readonly by: string;
  /** KVM host of the mirror that is turned off, and where its sshd is reached. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Addresses from which the key is taken: those that the other mirror may come from. */
  readonly from: readonly string[];
  /** Public key, `ssh-ed25519 AAAA…`; good for this one purpose. */
  readonly publicKey: string;
  /** Seconds to wait before a mirror that still runs is turned off. */
  readonly delay: number;
}

export interface ClusterNodePlan {
  readonly name: string;
  readonly id: number;
  /** Addresses of corosync's links: replication, management. */
  readonly links: readonly [string, string];
}

/** A third vote: corosync-qnetd on a machine that holds no mirror. */
export interface QdevicePlan {
  /** As the mirrors reach it. */
  readonly address: string;
  readonly port: number;
  /** As the operator's ssh reaches it: `[user@]host[:port]`. */
  readonly login: string;
}

/** Pacemaker and corosync in the mirrors. */
export interface AutomaticPlan {
  readonly mode: "automatic";
  readonly cluster: string;
  /** Milliseconds. */
  readonly token: number;
  /** Seconds, all four. */
  readonly fenceTimeout: number;
  readonly operationTimeout: number;
  readonly monitorInterval: number;
  readonly diskTimeout: number;
  readonly nodes: readonly ClusterNodePlan[];
  readonly fences: readonly FencePlan[];
  readonly qdevice?: QdevicePlan;
  readonly groups: readonly {
    readonly name: string;
    readonly preferred: string;
    readonly follows?: string;
    readonly volumes: readonly string[];
  }[];
}

export type FailoverPlan = { readonly mode: "manual" } | AutomaticPlan;

export function planFailover(context: Context): FailoverPlan {
  const { config, stack } = context;
  const { mode, token, fenceTimeout, operationTimeout, monitorInterval, diskTimeout, qdevice } = config.failover;
  if (mode === "manual") return { mode };
  return {
    mode,
    cluster: `kvm-mirror-${stack}`,
    token,
    fenceTimeout,
    operationTimeout,
    monitorInterval,
    diskTimeout,
    nodes: Object.entries(config.mirrors).map(([name, { replication, management }], index) => ({
      name,
      id: index + 1,
      links: [replication, management],
    })),
    fences: Object.keys(config.mirrors).map((mirror) => planFence(context, mirror)),
    ...(qdevice === undefined ? {} : { qdevice: { login: `root@${qdevice.address}`, ...qdevice } }),
    groups: Object.entries(config.groups).map(([name, { preferredMirror, follows }]) => ({
      name,
      preferred: preferredMirror,
      ...(follows === undefined ? {} : { follows }),
      volumes: Object.keys(config.volumes).filter((volume) => groupName(config, volume) === name),
    })),
  };
}

function planFence({ config, keys }: Context, mirror: string): FencePlan {
  const { host } = named(config.mirrors, mirror);
  const { uri, fenceAddress = libvirtHost(uri) } = named(config.hosts, host);
  if (!isAddress(fenceAddress)) throw new Error(`host ${host} has no address for fencing`);
  const mirrors = Object.entries(config.mirrors).map(([name, block]) => ({ name, ...block }));
  const { name: by, replication, storage, management } = peerOf(mirrors, mirror);
  const first = Object.values(config.groups)[0];
  return {
    mirror,
    by,
    host,
    address: fenceAddress,
    ...libvirtLogin(uri),
    from: [management, storage, replication],
    publicKey: keys.fenceKey(mirror).publicKey,
    // One of the two must win when both live and do not hear each other.
    delay: first?.preferredMirror === mirror ? config.failover.fenceDelay : 0,
  };
}
