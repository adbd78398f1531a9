/**
 * `npm run -s disk-xml -- <stack> <client> [<KVM host>]`: the XML of a client's disks, for teams
 * that attach them themselves: `<disk>` elements for the devices, or, where the
 * host's libvirt is too old to let an NBD disk wait for its server, a `<qemu:commandline>` for the end of the domain.
 */
import type { Inventory, InventoryClientDisk } from "../../inventory.ts";
import type { ClientDiskPlan } from "../../plan/plan.ts";
import { renderClientDisk } from "../../render/clientDisk.ts";
import { hostVersions } from "../observe/hostVersions.ts";
import { clientNamed } from "../stack/named.ts";
import { readInventory } from "../stack/readInventory.ts";
import { runCommand } from "./runCommand.ts";

await runCommand("disk-xml", async ([stack, name, host]) => {
  if (stack === undefined || name === undefined)
    throw new Error("usage: npm run -s disk-xml -- <stack> <client> [<KVM host>]");
  const inventory = readInventory(stack);
  const client = clientNamed(inventory, name);
  const on = host ?? client.host;
  if (!client.hosts.includes(on))
    throw new Error(`client ${name} is not meant for ${on}; its hosts: ${client.hosts.join(", ")}`);
  const versions = await hostVersions(inventory, on);
  for (const disk of client.disks) process.stdout.write(renderClientDisk(describe(inventory, disk), on, versions));
});

function describe(inventory: Inventory, disk: InventoryClientDisk): ClientDiskPlan {
  const item = inventory.exports.find(
    (candidate) => candidate.volume === disk.volume && candidate.protocol === disk.protocol,
  );
  if (!item) throw new Error(`volume ${disk.volume} has no export by ${disk.protocol} in the inventory`);
  const { volume, protocol, target, bus, serial, initiators = {} } = disk;
  const sourceName = item.protocol === "nbd" ? item.name : `${item.iqn}/${item.lun}`;
  return { volume, protocol, address: item.address, port: item.port, bus, target, serial, sourceName, initiators };
}
