import { expect, it } from "vitest";
import { poolConcerns } from "../../../../src/operate/tell/poolConcerns.ts";

const GiB = 1024 ** 3;
const concerns = (free: number, promised: number) =>
  poolConcerns({
    hosts: new Map([
      ["kvm-a", { state: { host: "a", domains: [], pools: [{ name: "default", free, promised }] } }],
      ["kvm-b", { unreachable: "no" }],
    ]),
  });

it("says what a pool cannot keep of what it promised, and the way out", () => {
  expect(concerns(61 * GiB, 499.5 * GiB)).toEqual([
    "storage pool default on kvm-a has 61.0 GiB free, and disks in it may still grow by 499.5 " +
      "GiB: when it is full, the mirror on it stops with all that it serves. " +
      "Make room there, or give its data disks their space now (provisioning: full, docs/configuration.md)",
  ]);
});

it("says when a pool is nearly full, though it has promised nothing", () => {
  expect(concerns(GiB / 4, 0)).toEqual(["storage pool default on kvm-a has only 256.0 MiB free: make room there"]);
});

it("is silent while there is room for all, and for hosts that tell of no pool", () => {
  expect(concerns(500 * GiB, 499 * GiB)).toEqual([]);
  expect(poolConcerns({ hosts: new Map([["kvm-a", { state: { host: "a", domains: [] } }]]) })).toEqual([]);
});
