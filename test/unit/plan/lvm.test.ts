import { describe, expect, it } from "vitest";
import { GiB, MiB } from "../../../src/config/sizes.ts";
import { diskFor, logicalVolumeBytes, roomOf } from "../../../src/plan/backing/lvm.ts";
import { metadataBytes } from "../../../src/plan/backing/drbdMetadata.ts";
import { renderDrbdResource } from "../../../src/render/replication/drbdResource.ts";
import { mirrorSeed } from "../../../src/render/machines/cloudInit.ts";
import { keys, planOf } from "../render/sample.ts";

const onLvm = (lvm: object = {}, r0: object = {}) =>
  planOf({
    backing: { lvm: { size: "4GiB", ...lvm } },
    "volumes.r0": { size: "256MiB", minor: 0, backing: "lvm", exports: { nbd: {} }, ...r0 },
  });

describe("the plan of a volume with backing lvm", () => {
  it("is a logical volume on each mirror, and one disk that all of them share, beside data disks of others", () => {
    const [mirror] = onLvm().mirrors;
    expect(mirror?.backings[0]).toMatchInlineSnapshot(`
      {
        "bytes": 272629760,
        "device": "/dev/kvm-mirror/r0",
        "generation": 1,
        "kind": "lvm",
        "leaves": false,
        "volume": "r0",
      }
    `);
    expect(mirror?.sharedDisks).toMatchInlineSnapshot(`
      [
        {
          "disk": {
            "bytes": 4294967296,
            "generation": 1,
            "leaves": false,
            "preallocate": true,
            "serial": "kvm-mirror.lvm",
            "target": "vdzx",
            "volumeName": "unit.mirror-a.lvm",
          },
          "kind": "lvm",
        },
      ]
    `);
    expect(mirror?.backings[1]).toMatchObject({ kind: "disk", volume: "r1" });
  });

  it("has no LVM disk where the stack file asks for none", () => {
    expect(planOf().mirrors[0]?.sharedDisks).toEqual([]);
  });

  it("counts a lost LVM disk as a lost copy of each volume on it", () => {
    const plan = onLvm({ newDisks: { "mirror-b": 2 } }, { generation: 3, newDisks: { "mirror-b": 1 } });
    expect(plan.mirrors.map(({ backings: [r0], sharedDisks: [lvm] }) => [r0, lvm?.disk])).toMatchObject([
      [{ generation: 3 }, { generation: 1 }],
      [{ generation: 6 }, { generation: 3 }],
    ]);
  });

  it("gives DRBD the path of the logical volume", () => {
    const plan = onLvm();
    const text = renderDrbdResource(plan.volumes[0]!, plan.mirrors, "secret");
    expect(text.match(/disk \/.*/g)).toEqual(["disk /dev/kvm-mirror/r0;", "disk /dev/kvm-mirror/r0;"]);
  });

  it("keeps a copy before DRBD copies another one over it, where there is room for that", () => {
    const handlers = (plan: ReturnType<typeof planOf>, volume = 0) =>
      renderDrbdResource(plan.volumes[volume]!, plan.mirrors, "secret").match(/ {4}handlers \{[^}]*\}/)?.[0];
    expect(handlers(onLvm({ snapshotRoom: "1GiB" }))).toMatchInlineSnapshot(`
      "    handlers {
              fence-peer "/usr/local/lib/kvm-mirror/fence-peer.sh";
              before-resync-target "/usr/local/lib/kvm-mirror/snapshot-before-sync.sh 1073741824";
              after-resync-target "/usr/local/lib/kvm-mirror/snapshot-after-sync.sh";
          }"
    `);
    const only = handlers(planOf());
    expect([handlers(onLvm()), handlers(onLvm({ snapshotRoom: "1GiB" }), 1)]).toEqual([only, only]);
  });

  it("has the mirror install LVM at its first boot, and no mirror that needs none", () => {
    const parts = (plan: ReturnType<typeof planOf>) =>
      mirrorSeed(plan, plan.mirrors[0]!, keys).parts.map(({ filename }) => filename);
    expect(parts(onLvm()).filter((name) => !parts(planOf()).includes(name))).toEqual(["lvm-packages.yaml"]);
  });
});

describe("sizes", () => {
  it.each([16 * MiB, 256 * MiB, 1021 * MiB, 3 * GiB, 5000 * GiB])(
    "a volume of %d bytes fits beside its metadata",
    (size) => {
      const bytes = logicalVolumeBytes({ size });
      expect(bytes % (4 * MiB)).toBe(0);
      expect(bytes - metadataBytes(bytes)).toBeGreaterThanOrEqual(size);
      expect(bytes - size).toBeLessThan(6 * MiB + metadataBytes(bytes));
    },
  );

  it("a disk has room for whole extents behind LVM's own MiB; test/scripts/volumeGroup.test.ts asks LVM", () => {
    expect([roomOf(64 * MiB), roomOf(65 * MiB), roomOf(diskFor(64 * MiB))]).toEqual([60 * MiB, 64 * MiB, 64 * MiB]);
  });
});
