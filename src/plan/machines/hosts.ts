import { portKey } from "../../config/exports/exports.ts";
import { protocols } from "../../config/exports/protocols.ts";
import type { Host } from "../../config/machines/hosts.ts";
import { libvirtHost } from "../../config/libvirtUri.ts";
import type { Context } from "../context.ts";
import { type NetworkPlan, planNetworks } from "./networks.ts";
import type { ImagePlan } from "./image.ts";
import type { MachinePlan } from "./machine.ts";

/** TCP keepalive of a KVM host: when, and how soon, a connection without an answer counts as dead. */
export interface KeepalivePlan {
  /** Seconds of silence before the first probe. */
  readonly idle: number;
  /** Seconds between probes. */
  readonly interval: number;
  /** Probes without an answer. */
  readonly probes: number;
}

export interface HostPlan {
  readonly name: string;
  /** libvirt URI, `qemu+ssh://root@host/system` or `qemu:///system`. */
  readonly uri: string;
  /** Host part of the URI, or `localhost`. */
  readonly address: string;
  readonly pool: string;
  /** Address of the KVM host in the storage network: what the mirrors see when QEMU connects. */
  readonly storageAddress: string;
  readonly virtualization: "kvm" | "qemu" | "auto";
  readonly networks: readonly NetworkPlan[];
  /** Images needed on this host. */
  readonly images: readonly ImagePlan[];
  /** TCP ports that ufw must let out, where it is active. */
  readonly firewallPorts: readonly number[];
  /** Undefined: the host's own settings stay. */
  readonly keepalive?: KeepalivePlan;
}

/**
 * Five seconds: the dead server is noticed before a failover has ended, and a
 * short break of the network is no reason to connect anew.
 */
const keepalive: KeepalivePlan = { idle: 2, interval: 1, probes: 3 };

/** The KVM hosts, with the images that the machines on them need. */
export function planHosts(context: Context, machines: readonly MachinePlan[]): readonly HostPlan[] {
  return Object.entries(context.config.hosts).map(([name, host]) =>
    planHost(
      context,
      name,
      host,
      machines.filter((machine) => machine.host === name),
    ),
  );
}

function planHost(context: Context, name: string, host: Host, machines: readonly MachinePlan[]): HostPlan {
  const { uri, pool, storageAddress, virtualization } = host;
  return {
    name,
    uri,
    address: libvirtHost(uri),
    pool,
    storageAddress,
    virtualization,
    networks: planNetworks(context, storageAddress),
    images: distinct(machines.map((machine) => machine.image)),
    firewallPorts: exportPorts(context),
    ...(host.keepalive ? { keepalive } : {}),
  };
}

function distinct(images: readonly ImagePlan[]): readonly ImagePlan[] {
  return [...new Map(images.map((image) => [image.volumeName, image])).values()];
}

/** Ports of all exports: a client may come to any host. */
function exportPorts({ config }: Context): readonly number[] {
  const volumes = Object.values(config.volumes);
  const groups = Object.values(config.groups).filter(({ vip }) => vip !== undefined);
  const used = protocols.filter((protocol) => volumes.some(({ exports }) => exports?.[protocol] !== undefined));
  const ports = used.flatMap((protocol) => groups.map((group) => group[portKey(protocol)]));
  return [...new Set(ports)].sort((a, b) => a - b);
}
