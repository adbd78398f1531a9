import { describe, expect, it } from "vitest";
import { GiB, MiB, parseSize, TiB } from "../../../src/config/sizes.ts";
import { diskForZvols, poolRoom, reservedBytes, zvolBytes } from "../../../src/plan/backing/zvol.ts";
import { metadataBytes } from "../../../src/plan/backing/drbdMetadata.ts";
import { mirrorSeed } from "../../../src/render/machines/cloudInit.ts";
import { renderDrbdResource } from "../../../src/render/replication/drbdResource.ts";
import { keys, planOf } from "../render/sample.ts";

const onZfs = (zvol: object = {}, r0: object = {}) =>
  planOf({
    backing: { zvol: { size: "4GiB", ...zvol } },
    "volumes.r0": { size: "256MiB", minor: 0, backing: "zvol", exports: { nbd: {} }, ...r0 },
  });

describe("the plan of a volume with backing zvol", () => {
  it("is a zvol on each mirror, and one disk that all of them share, beside data disks of others", () => {
    const [mirror] = onZfs().mirrors;
    expect(mirror?.backings[0]).toMatchInlineSnapshot(`
      {
        "bytes": 269484032,
        "device": "/dev/zvol/kvm-mirror-zfs/r0",
        "generation": 1,
        "kind": "zvol",
        "leaves": false,
        "volume": "r0",
      }
    `);
    expect(mirror?.sharedDisks).toMatchInlineSnapshot(`
      [
        {
          "compression": "lz4",
          "disk": {
            "bytes": 4294967296,
            "generation": 1,
            "leaves": false,
            "preallocate": true,
            "serial": "kvm-mirror.zfs",
            "target": "vdzw",
            "volumeName": "unit.mirror-a.zfs",
          },
          "kind": "zvol",
          "scrub": "*-*-01 01:00:00",
        },
      ]
    `);
    expect(mirror?.backings[1]).toMatchObject({ kind: "disk", volume: "r1" });
  });

  it("counts a lost ZFS disk as a lost copy of each volume on it", () => {
    const plan = onZfs({ newDisks: { "mirror-b": 2 } }, { generation: 3, newDisks: { "mirror-b": 1 } });
    expect(plan.mirrors.map(({ backings: [r0], sharedDisks: [zfs] }) => [r0, zfs?.disk])).toMatchObject([
      [{ generation: 3 }, { generation: 1 }],
      [{ generation: 6 }, { generation: 3 }],
    ]);
  });

  it("has a disk for LVM beside it where the stack file asks for both", () => {
    const plan = onZfs({}, {});
    const both = planOf({
      backing: { lvm: { size: "2GiB" }, zvol: { size: "4GiB", scrub: "never" } },
      "volumes.r0.backing": "zvol",
      "volumes.r1.backing": "lvm",
    });
    const disks = both.mirrors[0]?.sharedDisks.map(({ kind, disk }) => [kind, disk.serial, disk.target]);
    expect(disks).toEqual([
      ["lvm", "kvm-mirror.lvm", "vdzx"],
      ["zvol", "kvm-mirror.zfs", plan.mirrors[0]?.sharedDisks[0]?.disk.target],
    ]);
    expect(both.mirrors[0]?.sharedDisks[1]).toMatchObject({ scrub: null });
  });

  it("gives DRBD the path of the zvol", () => {
    const plan = onZfs();
    const text = renderDrbdResource(plan.volumes[0]!, plan.mirrors, "secret");
    expect(text.match(/disk \/.*/g)).toEqual([
      "disk /dev/zvol/kvm-mirror-zfs/r0;",
      "disk /dev/zvol/kvm-mirror-zfs/r0;",
    ]);
  });

  it("has the mirror install ZFS at its first boot, and no mirror that needs none", () => {
    const parts = (plan: ReturnType<typeof planOf>) =>
      mirrorSeed(plan, plan.mirrors[0]!, keys).parts.map(({ filename }) => filename);
    expect(parts(onZfs()).filter((name) => !parts(planOf()).includes(name))).toEqual(["zfs-module.sh"]);
  });
});

describe("sizes", () => {
  it.each([16 * MiB, 256 * MiB, 1021 * MiB, 3 * GiB, 5000 * GiB])(
    "a volume of %d bytes fits beside its metadata",
    (size) => {
      const bytes = zvolBytes({ size });
      expect(bytes % (16 * 1024)).toBe(0);
      expect(bytes - metadataBytes(bytes)).toBeGreaterThanOrEqual(size);
    },
  );

  it.each([256 * MiB, GiB, 100 * GiB, 3 * TiB])(
    "a disk for %d bytes of zvols has room for them, and little more",
    (sum) => {
      const disk = diskForZvols(sum);
      expect(disk % MiB).toBe(0);
      expect(poolRoom(disk)).toBeGreaterThanOrEqual(sum);
      expect(disk).toBeLessThan(sum * 1.25 + 512 * MiB);
    },
  );

  // `zfs get available` of a new pool with ashift=12 on a device of this size, and `refreservation` of a new zvol with
  // volblocksize=16K, by ZFS 2.1.11 of Debian 12.
  it.each([
    ["256MiB", 125_460_480],
    ["300MiB", 167_403_520],
    ["512MiB", 368_730_112],
    ["1GiB", 872_046_592],
    ["3GiB", 2_818_203_648],
    ["4GiB", 3_891_945_472],
    ["7GiB", 6_760_873_984],
    ["8GiB", 7_801_061_376],
    ["9GiB", 8_841_224_192],
    ["20GiB", 20_283_310_080],
    ["31GiB", 31_725_346_816],
    ["33GiB", 33_822_498_816],
    ["40GiB", 41_103_835_136],
    ["64GiB", 66_068_332_544],
    ["100GiB", 103_515_054_080],
    ["110GiB", 113_413_611_520],
    ["300GiB", 310_042_583_040],
    ["1TiB", 1_057_098_457_088],
    ["2TiB", 2_114_197_282_816],
    ["5TiB", 5_342_938_947_584],
    ["15TiB", 16_338_055_249_920],
  ])("a disk of %s has room for no more than ZFS 2.1 says, and little less", (size, available) => {
    const room = poolRoom(parseSize(size));
    expect(room).toBeLessThanOrEqual(available);
    expect(room).toBeGreaterThan(available * 0.85 - 32 * MiB);
  });

  it.each([
    ["16MiB", 18_874_368],
    ["256MiB", 274_726_912],
    ["10GiB", 10_907_287_552],
    ["100GiB", 109_055_836_160],
  ])("for a zvol of %s is reserved what ZFS 2.1 reserves", (size, reserved) => {
    expect(reservedBytes(parseSize(size))).toBe(reserved);
  });
});
