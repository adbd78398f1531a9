import type { Client } from "../../config/clients/clients.ts";
import { type Context, named } from "../context.ts";
import { groupName } from "../placement/groups.ts";
import { initiatorName } from "../exports/iscsi.ts";
import { type MachinePlan, planMachine } from "../machines/machine.ts";
import { assignTargets, busOf } from "../machines/targets.ts";

export interface ClientDiskPlan {
  readonly volume: string;
  readonly protocol: "nbd" | "iscsi";
  readonly address: string;
  readonly port: number;
  readonly bus: "virtio" | "sata";
  /** Target in the domain, for example `vdb` or `sda`. */
  readonly target: string;
  /** Serial shown to the guest: a stable id for the disk. */
  readonly serial: string;
  /** NBD: export name; iSCSI: `<IQN>/<LUN>`. */
  readonly sourceName: string;
  /** iSCSI only: initiator name by KVM host. */
  readonly initiators: Readonly<Record<string, string>>;
}

export interface ClientPlan {
  readonly name: string;
  /** Host on which it runs. */
  readonly active: string;
  /** All hosts that have it defined, the active one first. */
  readonly hosts: readonly string[];
  /** One machine a host; undefined: the domain belongs to the VM team and exists already. */
  readonly machines?: readonly MachinePlan[];
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
  const { nbd, iscsi } = named(config.volumes, disk.volume).exports ?? {};
  const group = named(config.groups, groupName(config, disk.volume));
  if (group.vip === undefined) throw new Error(`client ${client}: volume ${disk.volume} has no VIP`);
  const common = { volume: disk.volume, address: group.vip, bus: busOf(target), target, serial: disk.volume };
  if (disk.protocol === "nbd") {
    if (!nbd) throw new Error(`client ${client}: volume ${disk.volume} has no NBD export`);
    return { ...common, protocol: "nbd", port: group.nbdPort, sourceName: nbd.name ?? disk.volume, initiators: {} };
  }
  if (!iscsi) throw new Error(`client ${client}: volume ${disk.volume} has no iSCSI export`);
  return {
    ...common,
    protocol: "iscsi",
    port: group.iscsiPort,
    sourceName: `${iscsi.iqn}/${iscsi.lun}`,
    initiators: Object.fromEntries(hosts.map((host) => [host, initiatorName(iscsi.iqn, client, host)])),
  };
}
