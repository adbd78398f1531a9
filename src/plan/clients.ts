import type { Client } from "../config/clients.ts";
import { type Context, named } from "./context.ts";
import { groupName } from "./groups.ts";
import { initiatorName } from "./iscsi.ts";
import { planMachine } from "./machine.ts";
import type { ClientDiskPlan, ClientPlan } from "./plan.ts";
import { assignTargets, busOf } from "./targets.ts";

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
