import type { Inventory, InventoryClient, InventoryExport, InventoryMirror } from "./inventory.ts";
import { exportsOf } from "./plan/exports/exports.ts";
import type { ClientPlan } from "./plan/clients/clients.ts";
import type { GroupPlan } from "./plan/placement/groups.ts";
import type { MachinePlan } from "./plan/machines/machine.ts";
import type { MirrorPlan } from "./plan/machines/mirrors.ts";
import type { Plan } from "./plan/plan.ts";
import type { VolumePlan } from "./plan/replication/volumes.ts";

/** The inventory that the plan leads to. */
export function makeInventory(plan: Plan): Inventory {
  return {
    version: 2,
    stack: plan.stack,
    failover:
      plan.failover.mode === "manual"
        ? { mode: "manual" }
        : { mode: "automatic", operationTimeout: plan.failover.operationTimeout },
    hosts: plan.hosts.map(({ name, uri, address, storageAddress }) => ({ name, uri, address, storageAddress })),
    mirrors: plan.mirrors.map((mirror) => inventoryMirror(mirror, plan.groups)),
    groups: plan.groups.map(({ name, exports, preferred, volumes }) => ({
      name,
      ...(exports ? { vip: exports.vip } : {}),
      preferredMirror: preferred,
      volumes,
    })),
    volumes: plan.volumes.map((volume) => ({
      name: volume.name,
      size: volume.bytes,
      device: volume.device,
      group: volume.group,
      preferredMirror: groupOf(plan, volume).preferred,
      replication: { protocol: volume.replication.protocol, resyncRate: volume.replication.resyncRate },
    })),
    exports: plan.volumes.flatMap((volume) => inventoryExports(volume, groupOf(plan, volume))),
    clients: plan.clients.map(inventoryClient),
  };
}

function groupOf(plan: Plan, volume: VolumePlan): GroupPlan {
  const group = plan.groups.find((candidate) => candidate.name === volume.group);
  if (!group) throw new Error(`volume ${volume.name}: no group ${volume.group} in the plan`);
  return group;
}

function inventoryMirror(mirror: MirrorPlan, groups: readonly GroupPlan[]): InventoryMirror {
  const { name, host, replicationAddress, storageAddress, managementAddress } = mirror;
  const here = groups.filter((group) => group.preferred === name).length;
  const role = here === 0 ? "secondary" : here === groups.length ? "primary" : "mixed";
  return { name, host, replicationAddress, storageAddress, managementAddress, role, ssh: ssh(mirror) };
}

function ssh(machine: MachinePlan): { target: string; hostKey: string } {
  return { target: machine.sshTarget, hostKey: machine.hostKey };
}

function inventoryExports({ name, nbd, iscsi }: VolumePlan, group: GroupPlan): readonly InventoryExport[] {
  if (!nbd && !iscsi) return [];
  const { vip: address } = exportsOf(group);
  return [
    ...(nbd ? [{ volume: name, protocol: "nbd" as const, address, port: nbd.port, name: nbd.name }] : []),
    ...(iscsi
      ? [{ volume: name, protocol: "iscsi" as const, address, port: iscsi.port, iqn: iscsi.iqn, lun: iscsi.lun }]
      : []),
  ];
}

function inventoryClient(client: ClientPlan): InventoryClient {
  const machine = client.machines?.find((candidate) => candidate.host === client.active);
  const management = machine?.nics.find((nic) => nic.role === "management");
  return {
    name: client.name,
    host: client.active,
    hosts: client.hosts,
    managed: client.machines !== undefined,
    ...(management ? { managementAddress: management.address } : {}),
    disks: client.disks.map(({ volume, protocol, target, bus, serial, initiators }) => ({
      volume,
      protocol,
      target,
      bus,
      serial,
      ...(protocol === "iscsi" ? { initiators } : {}),
    })),
    ...(machine ? { ssh: ssh(machine) } : {}),
  };
}
