import { expect, it } from "vitest";
import type { Inventory } from "../../../../src/inventory/inventory.ts";
import { outgrownConcerns } from "../../../../src/operate/tell/outgrownConcerns.ts";
import type { MirrorState } from "../../../../src/operate/observe/states.ts";

const inventory = {
  mirrors: [{ name: "mirror-a" }, { name: "mirror-b" }],
  volumes: [{ name: "r0", group: "main" }],
} as unknown as Inventory;
const concerns = (outgrown?: MirrorState["outgrown"]) =>
  outgrownConcerns(inventory, {
    mirror: "mirror-a",
    drbdVersion: "8.4.11",
    volumes: [],
    groups: [],
    ...(outgrown ? { outgrown } : {}),
    attached: [],
    cluster: null,
  });

it.each([
  ["nbd", "NBD"],
  ["iscsi", "iSCSI"],
] as const)("names the client that works with the old size by %s, and what gives it the new one", (protocol, word) => {
  expect(concerns([{ volume: "r0", protocol, address: "10.20.0.2" }])).toEqual([
    `volume r0 has grown since the client at 10.20.0.2 connected by ${word}: it still sees the old size. ` +
      "kvm-mirror switch r0 --to mirror-b has its KVM host connect anew, without an error for the client; then virsh " +
      'blockresize there (docs/clients.md, "A volume that has grown")',
  ]);
});

it("says of a target that nobody has open how it is made again", () => {
  expect(concerns([{ volume: "r0", protocol: "iscsi", address: null }])).toEqual([
    "volume r0 has grown, and its target on mirror-a still offers the old size to clients that log in. No client " +
      "has it open, so have it made again: sudo /usr/local/lib/kvm-mirror/iscsi-serve.sh main on mirror-a",
  ]);
});

it("is silent when everybody has the size of the device, and for a mirror that does not say", () => {
  expect([concerns([]), concerns()]).toEqual([[], []]);
});
