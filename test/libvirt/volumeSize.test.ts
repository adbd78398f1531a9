import { execFileSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import type { VolumeInputs } from "../../plugins/libvirt/volume.ts";
import { callOf } from "./testCall.ts";
import type { TestHost } from "./testHost.ts";
import { dataDisk, MiB, volumeHost } from "./volumeHost.ts";

const place = volumeHost("w");
const { kind, inPool, sizeOf } = place;
let host: TestHost;
beforeAll(() => {
  host = place.host;
});
const full: VolumeInputs = { ...dataDisk, preallocate: true };
const allocated = (name: string) => statSync(inPool(name)).blocks * 512;

test("a data disk that is to be full has all of its space when it is made, and when it has grown", async () => {
  const { id, state } = await kind.create(host.config, full, callOf("data"));
  expect(state.allocation).toBeGreaterThanOrEqual(full.capacity);
  expect(sizeOf("data")).toBe(full.capacity);
  expect((await kind.read(host.config, id, callOf("data"), { inputs: full, state }))?.inputs).toEqual(full);
  const grown = await kind.update(
    host.config,
    id,
    { inputs: full, state },
    { ...full, capacity: 24 * MiB },
    callOf("data"),
  );
  expect(grown.allocation).toBeGreaterThanOrEqual(24 * MiB);
  expect(sizeOf("data")).toBe(24 * MiB);
});

test(
  "a thin data disk becomes a full one in place, with what it holds; a " +
    "full one stays as it is when thin is asked for",
  async () => {
    const { id, state } = await kind.create(host.config, dataDisk, callOf("data"));
    host.run(
      "bash",
      "-c",
      "printf precious | dd of=/var/lib/libvirt/images/data bs=1M seek=3 conv=notrunc status=none",
    );
    const filled = await kind.update(host.config, id, { inputs: dataDisk, state }, full, callOf("data"));
    expect(filled).toMatchObject({ identity: state.identity, preallocate: true });
    expect(allocated("data")).toBeGreaterThanOrEqual(full.capacity);
    expect(
      readFileSync(inPool("data"))
        .subarray(3 * MiB, 3 * MiB + 8)
        .toString(),
    ).toBe("precious");
    const thin = await kind.update(host.config, id, { inputs: full, state: filled }, dataDisk, callOf("data"));
    expect(thin.allocation).toBe(filled.allocation);
  },
);

test("space that was given back is drift", async () => {
  const { id, state } = await kind.create(host.config, full, callOf("data"));
  host.run("fallocate", "--punch-hole", "--offset", "0", "--length", String(4 * MiB), "/var/lib/libvirt/images/data");
  const found = await kind.read(host.config, id, callOf("data"), { inputs: full, state });
  expect(found?.inputs).toEqual(dataDisk);
});

test(
  "a disk that does not fit into the pool is refused with figures and " +
    "leaves nothing; so is growing, and the disk stays",
  async () => {
    host.run("mount", "-t", "tmpfs", "-o", "size=64m", "none", "/var/lib/libvirt/images");
    try {
      const large = { ...full, capacity: 500 * 1024 * MiB };
      const message = /^root@10\.30\.0\.2: allocate-file: |^root@10\.30\.0\.2: make-volume: /;
      const asked = kind.create(host.config, large, callOf("data"));
      await expect(asked).rejects.toThrow(
        "pool default (/var/lib/libvirt/images) has 64.0MiB free, and data needs " +
          "500.0GiB more to have all of its 500.0GiB: nothing was changed",
      );
      await expect(asked).rejects.toThrow(message);
      expect(host.run("ls", "-A", "/var/lib/libvirt/images")).toBe("");
      const { id, state } = await kind.create(host.config, full, callOf("data"));
      await expect(kind.update(host.config, id, { inputs: full, state }, large, callOf("data"))).rejects.toThrow(
        "56.0MiB free, and data needs 500.0GiB more",
      );
      expect(host.run("stat", "--format", "%s", "/var/lib/libvirt/images/data").trim()).toBe(String(full.capacity));
    } finally {
      host.run("umount", "/var/lib/libvirt/images");
    }
  },
);

test("a qcow2 volume has no such choice", () => {
  expect(kind.check?.({ ...full, format: "qcow2" }, undefined)).toEqual([
    { property: "preallocate", reason: expect.stringContaining("is for raw volumes") },
  ]);
});

test("a data disk grows in place and keeps what is on it", async () => {
  const { id, state } = await kind.create(host.config, dataDisk, callOf("data"));
  const content = Buffer.alloc(8 * MiB, "precious");
  writeFileSync(inPool("data"), content);
  const news = { ...dataDisk, capacity: 12 * MiB };
  expect(await kind.update(host.config, id, { inputs: dataDisk, state }, news, callOf("data"))).toMatchObject({
    capacity: 12 * MiB,
  });
  expect(sizeOf("data")).toBe(12 * MiB);
  expect(
    readFileSync(inPool("data"))
      .subarray(0, 8 * MiB)
      .equals(content),
  ).toBe(true);
  expect(host.run("virsh", "vol-info", "--bytes", "--pool", "default", "data")).toMatch(/Capacity: +12582912 bytes/);
});

test("a data disk that was grown by hand is never shrunk back", async () => {
  const { id, state } = await kind.create(host.config, dataDisk, callOf("data"));
  host.run("truncate", "--size", String(20 * MiB), "/var/lib/libvirt/images/data");
  const news = { ...dataDisk, capacity: 12 * MiB };
  await expect(kind.update(host.config, id, { inputs: dataDisk, state }, news, callOf("data"))).rejects.toThrow(
    "default/data on root@10.30.0.2 has 20971520 bytes and never shrinks to 12582912",
  );
  const found = await kind.read(host.config, id, callOf("data"), { inputs: dataDisk, state });
  expect(found?.inputs.capacity).toBe(20 * MiB);
  expect(kind.check?.(news, found?.inputs)).toHaveLength(1);
  expect(sizeOf("data")).toBe(20 * MiB);
});

test("a raw disk whose guest wrote the header of another format stays raw, at its size", async () => {
  const { id, state } = await kind.create(host.config, dataDisk, callOf("data"));
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", `${host.tmpDir}/trap`, "1G"]);
  execFileSync("dd", [`if=${host.tmpDir}/trap`, `of=${inPool("data")}`, "conv=notrunc", "status=none"]);
  const found = await kind.read(host.config, id, callOf("data"), { inputs: dataDisk, state });
  expect(found?.inputs).toEqual(dataDisk);
  await kind.update(host.config, id, { inputs: dataDisk, state }, { ...dataDisk, capacity: 9 * MiB }, callOf("data"));
  expect(sizeOf("data")).toBe(9 * MiB);
});
