/** What keeps a guest from going on on another KVM host is said before anything is changed. */
import { expect, it } from "vitest";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { planMigration } from "../../../../src/operate/decide/migrationPlan.ts";
import { MigrationSightSchema } from "../../../../src/operate/observe/migrationSight.ts";
import { clientNamed } from "../../../../src/operate/stack/named.ts";
import { planOf } from "../../render/sample.ts";

const inventory = makeInventory(planOf());
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const xml = (host: string): string => `<domain type='qemu'><devices>
  <disk type='file' device='disk'><source file='/${host}/os.qcow2'/><target dev='vda'/></disk>
  <disk type='network' device='disk'><source protocol='nbd' name='r0'/><target dev='vdb'/></disk>
</devices></domain>`;
/** As client-migration.sh says it. */
const said = (host: string, more: object = {}) =>
  MigrationSightSchema.parse({
    state: "running",
    reason: "booted",
    qemu: "",
    migrating: false,
    saved: false,
    permit: "here",
    attached: ["vdb"],
    sizes: [{ target: "vda", bytes: 3 * 2 ** 30 }],
    cpu: base64("<cpu/>"),
    xml: base64(xml(host)),
    ...more,
  });
const plan = (from: object = {}, to: object = {}, copyStorage = true, name = "app-1") =>
  planMigration(clientNamed(inventory, name), "kvm-b", [said("a", from), said("b", to)], { copyStorage, token: "t" });

it("copies the disks that are its host's own, over those there", () => {
  expect(plan()).toMatchObject({ copied: ["vda"], overwritten: ["/b/os.qcow2"], cpu: undefined });
  expect(plan().xml).toContain('<source file="/b/os.qcow2"/>');
  const shared = base64(xml("a").replace(/<disk type='file'.*/, ""));
  expect(plan({ xml: shared }, { xml: shared }, false)).toMatchObject({ copied: [], overwritten: [] });
});

it.each<readonly [string, () => unknown, string]>([
  [
    "disks that are its host's own, unless they are to be copied",
    () => plan({}, {}, false),
    "client app-1 has disks that are its KVM host's own (vda). With --copy-storage they are copied to kvm-b, over " +
      "those that it has there",
  ],
  [
    "a disk of another size there",
    () => plan({}, { sizes: [{ target: "vda", bytes: 2 ** 31 }] }),
    "client app-1: its disk vda has 3GiB, and 2GiB on kvm-b: a copy needs one of the same size there",
  ],
  ["a disk that is not there", () => plan({}, { sizes: [] }), "its disk vda has 3GiB, and none on kvm-b"],
  ["one whose size nobody knows", () => plan({ sizes: [] }), "its disk vda has no known size"],
  [
    "disks that were plugged in as arguments of QEMU",
    () => plan({ attached: ["vdb", "vdd"] }),
    "client app-1 has the disks vdb, vdd, and its definition of now vdb: some were plugged in or out since it",
  ],
  ["a client that is not defined there", () => plan({}, { xml: "" }), "is not defined on kvm-b: run `pulumi up` first"],
  [
    "one of the VM team that is not defined there",
    () => plan({}, { xml: "" }, true, "db-1"),
    "client db-1 is not defined on kvm-b: its team defines it there, then `pulumi up` gives it its disks",
  ],
])("refuses %s", (_, attempt, words) => expect(attempt).toThrow(words));
