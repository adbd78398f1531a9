import type { Client } from "../../config/clients/clients.ts";
import type { Protocol } from "../../config/exports/protocols.ts";
import { type Context, named } from "../context.ts";
import { groupName } from "../placement/groups.ts";
import { planDiskSource, planExports, planPorts } from "../exports/exports.ts";
import type { DiskSourcePlan } from "../exports/protocols.ts";
import { type MachinePlan, planMachine } from "../machines/machine.ts";
import { assignTargets, type Bus, busOf } from "../targets.ts";

/** A client's disk, by any protocol. */
export type ClientDiskPlan<Name extends Protocol = Protocol> = DiskPlan & DiskSourcePlan<Name>;

interface DiskPlan {
  readonly volume: string;
  readonly address: string;
  readonly bus: Bus;
  /** Target in the domain, for example `vdb` or `sda`. */
  readonly target: string;
  /** Serial shown to the guest: a stable id for the disk. */
  readonly serial: string;
}

export interface ClientPlan {
  readonly name: string;
  /** Host on which it runs. */
  readonly active: string;
  /** All hosts that have it defined, the active one first. */
  readonly hosts: readonly string[];
  /** One machine a host; undefined: the domain belongs to the VM team and exists already. */
  readonly machines?: readonly MachinePlan[];
  /** Each host has a permit that says whether libvirt there may start it. Not for what has neither machine nor disk. */
  readonly permits: boolean;
  readonly disks: readonly ClientDiskPlan[];
}

export function planClients(context: Context): readonly ClientPlan[] {
  return Object.entries(context.config.clients).map(([name, client]) => {
    const { active, machine } = client;
    const hosts = [active, ...(client.hosts ?? []).filter((host) => host !== active)];
    const targets = assignTargets(client.disks);
    return {
      name,
      active,
      hosts,
      ...(machine ? { machines: hosts.map((host) => planClientMachine(context, name, host, machine)) } : {}),
      permits: machine !== undefined || client.disks.length > 0,
      disks: client.disks.map((disk, index) => planDisk(context, name, hosts, disk, targets[index] ?? "")),
    };
  });
}

/** One machine, defined on several hosts: name, UUID, MAC address, address and host key are the same on each. */
function planClientMachine(
  context: Context,
  name: string,
  host: string,
  machine: NonNullable<Client["machine"]>,
): ReturnType<typeof planMachine> {
  const { vcpus, memory, osDisk, management } = machine;
  return planMachine(context, {
    name,
    host,
    vcpus,
    memory,
    osDisk,
    image: machine.image ?? context.config.image,
    addresses: [["management", management]],
    management,
  });
}

function planDisk(
  { config }: Context,
  client: string,
  hosts: readonly string[],
  disk: Client["disks"][number],
  target: string,
): ClientDiskPlan {
  const { volume } = disk;
  const group = named(config.groups, groupName(config, volume));
  if (group.vip === undefined) throw new Error(`client ${client}: volume ${volume} has no VIP`);
  const exports = planExports(named(config.volumes, volume).exports, volume, planPorts(group));
  return {
    volume,
    address: group.vip,
    bus: busOf(target),
    target,
    serial: volume,
    ...planDiskSource(exports, disk, { client, hosts }),
  };
}
