import { type Inventory, type InventoryClient, type InventoryMirror, ownerOf } from "./inventory.ts";
import { tellExports } from "./exports/protocols.ts";
import { exportsOf } from "../plan/exports/exports.ts";
import type { ClientPlan } from "../plan/clients/clients.ts";
import type { GroupPlan } from "../plan/placement/groups.ts";
import type { MachinePlan } from "../plan/machines/machine.ts";
import type { MirrorPlan } from "../plan/machines/mirrors.ts";
import type { Plan } from "../plan/plan.ts";
import type { VolumePlan } from "../plan/replication/volumes.ts";

/** The inventory that the plan leads to. */
export function makeInventory(plan: Plan): Inventory {
  return {
    version: 2,
    stack: plan.stack,
    ...(plan.owner === ownerOf({ stack: plan.stack }) ? {} : { owner: plan.owner }),
    failover:
      plan.failover.mode === "manual"
        ? { mode: "manual" }
        : { mode: "automatic", operationTimeout: plan.failover.operationTimeout },
    hosts: plan.hosts.map(({ name, uri, address, storageAddress }) => ({ name, uri, address, storageAddress })),
    mirrors: plan.mirrors.map((mirror) => inventoryMirror(mirror, plan.groups)),
    groups: plan.groups.map(({ name, exports, preferred, follows, volumes }) => ({
      name,
      ...(exports ? { vip: exports.vip } : {}),
      preferredMirror: preferred,
      ...(follows === undefined ? {} : { follows }),
      volumes,
    })),
    volumes: plan.volumes.map((volume) => ({
      name: volume.name,
      size: volume.bytes,
      device: volume.device,
      group: volume.group,
      ...(volume.backing === "disk" ? {} : { backing: volume.backing }),
      preferredMirror: groupOf(plan, volume).preferred,
      replication: { protocol: volume.replication.protocol, resyncRate: volume.replication.resyncRate },
    })),
    exports: plan.volumes.flatMap((volume) => tellExports(volume, () => exportsOf(groupOf(plan, volume)).vip)),
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

function inventoryClient(client: ClientPlan): InventoryClient {
  const machine = client.machines?.find((candidate) => candidate.host === client.active);
  const management = machine?.nics.find((nic) => nic.role === "management");
  return {
    name: client.name,
    host: client.active,
    hosts: client.hosts,
    managed: client.machines !== undefined,
    ...(management ? { managementAddress: management.address } : {}),
    disks: client.disks.map((disk) => ({
      volume: disk.volume,
      protocol: disk.protocol,
      target: disk.target,
      bus: disk.bus,
      serial: disk.serial,
      ...("initiators" in disk ? { initiators: disk.initiators } : {}),
    })),
    ...(machine ? { ssh: ssh(machine) } : {}),
  };
}
