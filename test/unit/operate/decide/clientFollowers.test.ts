import { expect, it } from "vitest";
import type { Inventory } from "../../../../src/inventory/inventory.ts";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { followersOf } from "../../../../src/operate/decide/clientFollowers.ts";
import { clientNamed } from "../../../../src/operate/stack/named.ts";
import { planOf } from "../../render/sample.ts";

/** app-1 on kvm-a has r0 in `main`, which follows it; db-1 on kvm-b has r1 in `other`. */
const alone = {
  "groups.main": { vip: "10.20.0.10", follows: "app-1" },
  "groups.other": { vip: "10.20.0.9", preferredMirror: "mirror-a" },
  "volumes.r0.group": "main",
  "volumes.r1.group": "other",
};
const of = (inventory: Inventory, to = "kvm-b", client = "app-1") =>
  followersOf(inventory, clientNamed(inventory, client), to);

it("a group goes to the mirror beside its client; one that follows nobody stays", () => {
  const inventory = makeInventory(planOf(alone));
  expect(inventory.groups[0]).toMatchObject({ follows: "app-1", preferredMirror: "mirror-a" });
  expect(of(inventory)).toEqual([{ group: "main", mirror: "mirror-b" }]);
  expect(of(inventory, "kvm-a", "db-1")).toEqual([]);
  expect(of(makeInventory(planOf()))).toEqual([]);
});

it("refuses before anything is shut down what the stack file would not be taken with", () => {
  const shared = makeInventory(
    planOf({ ...alone, "volumes.r1.group": "main", "groups.other": undefined, "clients.db-1.active": "kvm-a" }),
  );
  expect(() => of(shared)).toThrow(
    "group main follows app-1, and has app-1 and db-1: it cannot be beside both. Set `active` of all of them to " +
      "kvm-b in the stack file and run `pulumi up`, or write preferredMirror: mirror-a in the place of `follows` first",
  );
  const inventory = makeInventory(planOf(alone));
  expect(() => of({ ...inventory, mirrors: inventory.mirrors.slice(0, 1) })).toThrow(
    "group main follows app-1, and kvm-b runs no mirror: write preferredMirror: mirror-a in the place of `follows`",
  );
});
