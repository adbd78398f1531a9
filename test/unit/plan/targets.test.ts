import { describe, expect, it } from "vitest";
import { assignTargets, busOf, diskTarget } from "../../../src/plan/targets.ts";

describe("disk targets", () => {
  it("go on after z", () => {
    expect([0, 1, 25, 26, 51, 52, 255].map((index) => diskTarget("virtio", index))).toEqual([
      "vda",
      "vdb",
      "vdz",
      "vdaa",
      "vdaz",
      "vdba",
      "vdiv",
    ]);
  });

  it("belong to a bus", () => {
    expect([busOf("vdb"), busOf("sdaa")]).toEqual(["virtio", "sata"]);
  });

  it("are given in order, leaving out what is taken", () => {
    const disks = [{}, {}, { target: "vdc" }, {}, { bus: "virtio" }, { bus: "sata" }] as const;
    expect(assignTargets(disks)).toEqual(["vdb", "vdd", "vdc", "vde", "vdf", "sdb"]);
  });
});
