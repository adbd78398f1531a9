import { describe, expect, it } from "vitest";
import { protocols } from "../../../src/config/exports/protocols.ts";
import { diskSourceOf, type InventoryExport } from "../../../src/inventory/exports/protocols.ts";
import { makeInventory } from "../../../src/inventory/makeInventory.ts";
import { parseInventory } from "../../../src/operate/stack/inventorySchema.ts";
import { planOf } from "../render/sample.ts";

const plan = planOf();
const inventory = parseInventory(JSON.stringify(makeInventory(plan)), "unit", "the sample");

function exportOf(volume: string, protocol: string): InventoryExport {
  const found = inventory.exports.find((one) => one.volume === volume && one.protocol === protocol);
  if (!found) throw new Error(`the sample does not export ${volume} by ${protocol}`);
  return found;
}

describe("exports in the inventory", () => {
  it("have the keys that version 2 has", () => {
    expect(inventory.exports).toEqual([
      { volume: "r0", protocol: "nbd", address: "10.20.0.10", port: 10809, name: "r0" },
      { volume: "r1", protocol: "nbd", address: "10.20.0.10", port: 10809, name: "spare" },
      {
        volume: "r1",
        protocol: "iscsi",
        address: "10.20.0.10",
        port: 3260,
        iqn: "iqn.2026-11.net.example:r1",
        lun: 1,
      },
    ]);
  });

  it("are told for every protocol that the sample uses, which are all", () => {
    expect(new Set(inventory.exports.map(({ protocol }) => protocol))).toEqual(new Set(protocols));
  });

  it("lead back to what the plan has clients' disks ask for", () => {
    const planned = plan.clients.flatMap(({ disks }) => disks);
    const disks = inventory.clients.flatMap((client) => client.disks);
    expect(disks).toHaveLength(planned.length);
    for (const [index, disk] of disks.entries())
      expect(planned[index]).toMatchObject(diskSourceOf(exportOf(disk.volume, disk.protocol), disk));
  });

  it("are refused when one lacks what its protocol needs", () => {
    const exports = inventory.exports.map(({ protocol, volume, address, port }) => ({
      volume,
      protocol,
      address,
      port,
    }));
    expect(() => parseInventory(JSON.stringify({ ...inventory, exports }), "unit", "the sample")).toThrow(
      /exports\[0\]\.name.*exports\[2\]\.iqn/s,
    );
  });
});
