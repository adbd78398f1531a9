import { protocols, titleOf } from "../../../config/exports/protocols.ts";
import { formatSize } from "../../../config/sizes.ts";
import type { BackingPlan } from "../../../plan/backing/backing.ts";
import type { ClientPlan } from "../../../plan/clients/clients.ts";
import type { HostPlan } from "../../../plan/machines/hosts.ts";
import type { MirrorPlan } from "../../../plan/machines/mirrors.ts";
import type { NetworkPlan } from "../../../plan/machines/networks.ts";
import type { GroupPlan } from "../../../plan/placement/groups.ts";
import type { Plan } from "../../../plan/plan.ts";

/** A box: its lines of text, the first of which is its title, and the boxes below them. */
export interface Block {
  readonly kind: "host" | "mirror" | "client" | "network" | "group";
  readonly lines: readonly string[];
  readonly within: readonly Block[];
}

/** What a site is made of: its KVM hosts, and what joins them. */
export interface Site {
  readonly title: string;
  readonly hosts: readonly Block[];
  readonly networks: readonly Block[];
  readonly groups: readonly Block[];
}

export function siteOf(plan: Plan): Site {
  return {
    title: `Stack ${plan.stack}, failover ${plan.failover.mode}`,
    hosts: plan.hosts.map((host) => hostBlock(plan, host)),
    networks: (plan.hosts[0]?.networks ?? []).map(networkBlock),
    groups: plan.groups.map((group) => groupBlock(plan, group)),
  };
}

function hostBlock({ mirrors, clients, volumes }: Plan, host: HostPlan): Block {
  return {
    kind: "host",
    lines: [`KVM host ${host.name}`, host.address, `storage ${host.storageAddress}`, `pool ${host.pool}`],
    within: [
      ...mirrors.filter((mirror) => mirror.host === host.name).map((mirror) => mirrorBlock(mirror, volumes)),
      ...clients.filter((client) => client.hosts.includes(host.name)).map((client) => clientBlock(client, host.name)),
    ],
  };
}

function mirrorBlock(mirror: MirrorPlan, volumes: Plan["volumes"]): Block {
  const size = (name: string): string => formatSize(volumes.find((volume) => volume.name === name)?.bytes ?? 0);
  return {
    kind: "mirror",
    lines: [
      `Mirror ${mirror.name}`,
      `replication ${mirror.replicationAddress}`,
      `storage     ${mirror.storageAddress}`,
      `management  ${mirror.managementAddress}`,
      ...mirror.backings.map((backing) => `${onDisk(backing)}: ${backing.volume}, ${size(backing.volume)}`),
    ],
    within: [],
  };
}

function onDisk(backing: BackingPlan): string {
  switch (backing.kind) {
    case "disk":
      return `disk ${backing.dataDisk.target}`;
    case "lvm":
      return "logical volume";
    case "zvol":
      return "zvol";
  }
}

function clientBlock(client: ClientPlan, host: string): Block {
  return {
    kind: "client",
    lines: [
      `Client ${client.name}${client.active === host ? "" : " (standby: defined, off)"}`,
      ...client.disks.map(({ volume, protocol, target }) => `disk ${target}: ${volume} by ${titleOf(protocol)}`),
    ],
    within: [],
  };
}

function networkBlock({ role, prefix, mtu, form }: NetworkPlan): Block {
  const where = form.kind === "bridge" ? `bridge ${form.bridge}` : form.kind;
  return {
    kind: "network",
    lines: [`Network ${role}`, `${where}, /${prefix}${mtu === undefined ? "" : `, MTU ${mtu}`}`],
    within: [],
  };
}

function groupBlock({ volumes }: Plan, group: GroupPlan): Block {
  const exported = volumes
    .filter(({ name }) => group.volumes.includes(name))
    .map(({ name, exports }) => {
      const by = protocols.filter((protocol) => exports[protocol] !== undefined).map(titleOf);
      return `${name}: ${by.length === 0 ? "not exported" : `by ${by.join(" and ")}`}`;
    });
  return {
    kind: "group",
    lines: [
      `Group ${group.name}`,
      group.exports === undefined ? "no VIP" : `VIP ${group.exports.vip}`,
      `prefers ${group.preferred}`,
      ...exported,
    ],
    within: [],
  };
}
