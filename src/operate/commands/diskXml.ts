import { diskSourceOf } from "../../inventory/exports/protocols.ts";
import type { Inventory, InventoryClientDisk } from "../../inventory/inventory.ts";
import type { ClientDiskPlan } from "../../plan/clients/clients.ts";
import { Refused, refusing } from "../../refused.ts";
import { renderClientDisk } from "../../render/exports/clientDisk.ts";
import { hostVersions } from "../observe/hostVersions.ts";
import { clientNamed, exportNamed } from "../stack/named.ts";
import { inventoryFor } from "./look.ts";
import type { Common } from "./options.ts";

export interface DiskXmlOptions extends Common {
  readonly client: string;
  /** KVM host that gets it; without it, the client's active one. */
  readonly host: string | undefined;
}

/**
 * `kvm-mirror disk-xml`: the XML of a client's disks, for teams that attach them themselves: `<disk>`
 * elements for the devices, or, where the host's libvirt is too old to let an NBD
 * disk wait for its server, a `<qemu:commandline>` for the end of the domain.
 */
export async function diskXml(options: DiskXmlOptions): Promise<void> {
  const { screen } = options;
  const inventory = await inventoryFor(options);
  const client = refusing(() => clientNamed(inventory, options.client));
  const host = options.host ?? client.host;
  if (!client.hosts.includes(host))
    throw new Refused(`client ${client.name} is not meant for ${host}; its hosts: ${client.hosts.join(", ")}`);
  const versions = await screen.during(`asking ${host}`, () => hostVersions(inventory, host));
  for (const disk of client.disks) screen.write(renderClientDisk(describe(inventory, disk), host, versions));
}

function describe(inventory: Inventory, disk: InventoryClientDisk): ClientDiskPlan {
  const { volume, protocol, target, bus, serial } = disk;
  const item = exportNamed(inventory, volume, protocol);
  return { volume, address: item.address, bus, target, serial, ...diskSourceOf(item, disk) };
}
