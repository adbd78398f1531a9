import { describe, expect, it } from "vitest";
import { makeInventory } from "../../../src/inventory/makeInventory.ts";
import { parseInventory } from "../../../src/operate/stack/inventorySchema.ts";
import { exportsOf } from "../../../src/plan/exports/exports.ts";
import type { GroupPlan } from "../../../src/plan/placement/groups.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { renderGroupDocument } from "../../../src/render/placement/groupDocument.ts";
import { bare } from "../config/sample.ts";
import { planOf } from "../render/sample.ts";

const named = ({ groups }: Plan, name: string): GroupPlan => {
  const group = groups.find((one) => one.name === name);
  if (!group) throw new Error(`the sample has no group ${name}`);
  return group;
};

describe("a group without exports", () => {
  const plan = planOf(bare);

  it("says which volumes move together and where they are preferred, and no more", () => {
    expect(named(plan, "bare")).toEqual({ name: "bare", preferred: "mirror-b", volumes: ["r2"] });
    expect(() => exportsOf(named(plan, "bare"))).toThrow("group bare has no VIP, and exports nothing");
    expect(plan.volumes.find(({ name }) => name === "r2")).toMatchObject({ group: "bare", admissions: [] });
  });

  it("has neither VIP nor servers on the mirrors, and a table without exports", () => {
    const volumes = plan.volumes.filter(({ group }) => group === "bare");
    expect(renderGroupDocument(named(plan, "bare"), volumes)).toBe(
      '==> /etc/kvm-mirror/bare.env 0644\nVOLUMES="r2"\nNBD=no\nISCSI=no\n' +
        "==> /etc/kvm-mirror/bare.exports 0644\n# volume protocol address:port/name device admitted\n",
    );
  });

  it("opens no port, and changes nothing for a group beside it", () => {
    const port = { "groups.bare.nbdPort": 20809 };
    const without = planOf({ "volumes.r0.group": "main", "volumes.r1.group": "main" });
    expect(planOf({ ...bare, ...port }).hosts).toEqual(without.hosts);
    expect(named(plan, "main")).toEqual(named(without, "main"));
    expect(plan.clients).toEqual(without.clients);
  });

  it("has no VIP in the inventory, which the tools take", () => {
    const inventory = makeInventory(plan);
    expect(inventory.groups.find(({ name }) => name === "bare")).toEqual({
      name: "bare",
      preferredMirror: "mirror-b",
      volumes: ["r2"],
    });
    expect(inventory.exports.map(({ volume }) => volume)).not.toContain("r2");
    expect(inventory.mirrors.map(({ role }) => role)).toEqual(["mixed", "mixed"]);
    expect(parseInventory(JSON.stringify(inventory), inventory.stack, "the output")).toEqual(inventory);
  });
});

it("a volume may go unexported in a group that exports others: it moves with them", () => {
  const plan = planOf({ "volumes.r0.exports": undefined, "clients.app-1.disks": [] });
  const document = renderGroupDocument(named(plan, "main"), plan.volumes);
  expect(document).toContain('VOLUMES="r0 r1"\n');
  expect(document).not.toContain("/dev/drbd0");
  expect(makeInventory(plan).exports.map(({ volume }) => volume)).toEqual(["r1", "r1"]);
});
