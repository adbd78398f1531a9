import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openHosts } from "../../plugins/libvirt/host/hosts.ts";
import { volume } from "../../plugins/libvirt/volume.ts";
import type { VolumeInputs } from "../../plugins/libvirt/volume.ts";
import { callOf } from "./testCall.ts";
import { startHost } from "./testHost.ts";
import type { TestHost } from "./testHost.ts";

const MiB = 1024 ** 2;
const hosts = openHosts();
const kind = volume(hosts);
let host: TestHost;
const dataDisk: VolumeInputs = { pool: "default", name: "data", capacity: 8 * MiB, format: "raw" };

beforeAll(() => {
  host = startHost("v");
});
afterAll(async () => {
  await hosts.close();
  host.down();
});
afterEach(() => {
  for (const name of readdirSync(host.poolDir)) rmSync(`${host.poolDir}/${name}`);
  host.run("rm", "-rf", "/var/lib/libvirt/kvm-mirror");
  host.run("virsh", "pool-refresh", "default");
});

const inPool = (name: string) => `${host.poolDir}/${name}`;
const sizeOf = (name: string) => statSync(inPool(name)).size;
const listed = () =>
  host
    .run("virsh", "vol-list", "default")
    .split("\n")
    .slice(2)
    .map((line) => line.trim().split(/ +/)[0])
    .filter(Boolean);

test("a data disk is made empty and sparse, private to root, known to libvirt", async () => {
  const { id, state } = await kind.create(host.config, dataDisk, callOf("data"));
  expect({ id, state }).toEqual({
    id: "default/data",
    state: {
      ...dataDisk,
      path: "/var/lib/libvirt/images/data",
      allocation: expect.any(Number),
      identity: expect.stringMatching(/^\d+ \d+\.\d+$/),
      mark: "kvm-mirror/test data",
    },
  });
  expect(statSync(inPool("data"))).toMatchObject({ size: 8 * MiB });
  expect(statSync(inPool("data")).mode & 0o777).toBe(0o600);
  expect(statSync(inPool("data")).blocks * 512).toBeLessThan(MiB);
  expect(listed()).toEqual(["data"]);
  expect(readdirSync(host.poolDir)).toEqual(["data"]);
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

test("what create made, read finds unchanged", async () => {
  const { id, state } = await kind.create(host.config, dataDisk, callOf("data"));
  expect(await kind.read(host.config, id, callOf("data"), { inputs: dataDisk, state })).toEqual({
    id,
    inputs: dataDisk,
    state,
  });
});

test("its identity stays when it grows, and is another one when it was lost and made again", async () => {
  const { id, state } = await kind.create(host.config, dataDisk, callOf("data"));
  const larger = { ...dataDisk, capacity: 2 * dataDisk.capacity };
  const grown = await kind.update(host.config, id, { inputs: dataDisk, state }, larger, callOf("data"));
  expect(grown.identity).toBe(state.identity);
  rmSync(inPool("data"));
  const found = (await kind.read(host.config, id, callOf("data"), { inputs: larger, state: grown }))!;
  const again = await kind.update(host.config, id, found, { ...larger, generation: 2 }, callOf("data"));
  expect(again).toMatchObject({ capacity: larger.capacity, generation: 2 });
  expect(again.identity).not.toBe(state.identity);
});

/** What the operator sees when the pool's file system is not mounted: an empty directory. */
const missing = "data disk default/data was made on root@10.30.0.2 before and is not in /var/lib/libvirt/images now";

test("a data disk that is missing stays in the state and is not made anew, by refresh and up", async () => {
  const { id, state } = await kind.create(host.config, dataDisk, callOf("data"));
  renameSync(inPool("data"), `${host.tmpDir}/data`);
  const call = callOf("data");
  const found = (await kind.read(host.config, id, call, { inputs: dataDisk, state }))!;
  expect(call.said).toEqual([expect.stringContaining(`warning: ${missing}`)]);
  // Drift, so that `up` looks at it; the same disk, so that nothing else changes.
  expect(found).toMatchObject({ id, inputs: { capacity: 0 }, state: { identity: state.identity } });
  expect(kind.check?.(dataDisk, found.inputs)).toEqual([]);
  await expect(kind.update(host.config, id, found, dataDisk, callOf("data"))).rejects.toThrow(missing);
  expect(readdirSync(host.poolDir)).toEqual([]);
  // Refreshed again, as `up --refresh` does.
  expect(await kind.read(host.config, id, callOf("data"), found)).toEqual(found);
  renameSync(`${host.tmpDir}/data`, inPool("data"));
  const back = (await kind.read(host.config, id, callOf("data"), found))!;
  expect(back).toEqual({ id, inputs: dataDisk, state });
});

test("a data disk that is missing is not made anew by a stack that has lost its state either", async () => {
  const { id } = await kind.create(host.config, dataDisk, callOf("data"));
  rmSync(inPool("data"));
  await expect(kind.create(host.config, dataDisk, callOf("data"))).rejects.toThrow(missing);
  await expect(kind.create(host.config, dataDisk, callOf("another"))).rejects.toThrow(missing);
  expect(readdirSync(host.poolDir)).toEqual([]);
  expect(await kind.create(host.config, { ...dataDisk, generation: 2 }, callOf("data"))).toMatchObject({
    id,
    state: { generation: 2 },
  });
  rmSync(inPool("data"));
  await expect(kind.create(host.config, { ...dataDisk, generation: 2 }, callOf("data"))).rejects.toThrow(missing);
});

test("a host that was set up anew knows nothing, and the state still does", async () => {
  const { id, state } = await kind.create(host.config, dataDisk, callOf("data"));
  rmSync(inPool("data"));
  host.run("rm", "-rf", "/var/lib/libvirt/kvm-mirror");
  const found = (await kind.read(host.config, id, callOf("data"), { inputs: dataDisk, state }))!;
  await expect(kind.update(host.config, id, found, dataDisk, callOf("data"))).rejects.toThrow(missing);
  expect(await kind.update(host.config, id, found, { ...dataDisk, generation: 2 }, callOf("data"))).toMatchObject({
    generation: 2,
  });
});

test("a counted up generation leaves a data disk that is there as it is, and is used up", async () => {
  const { id, state } = await kind.create(host.config, dataDisk, callOf("data"));
  writeFileSync(inPool("data"), Buffer.alloc(8 * MiB, "precious"));
  const second = { ...dataDisk, generation: 2 };
  const kept = await kind.update(host.config, id, { inputs: dataDisk, state }, second, callOf("data"));
  expect(kept.identity).toBe(state.identity);
  expect(readFileSync(inPool("data")).subarray(0, 8).toString()).toBe("precious");
  rmSync(inPool("data"));
  await expect(kind.create(host.config, second, callOf("data"))).rejects.toThrow(missing);
});

test("a disk whose making was cut short before it had its name is made", async () => {
  await kind.create(host.config, dataDisk, callOf("data"));
  rmSync(inPool("data"));
  // The mark is written before the file gets its name, and `made=` after that.
  host.run("sed", "-i", "/^made=/d", "/var/lib/libvirt/kvm-mirror/default/data");
  expect(await kind.create(host.config, dataDisk, callOf("data"))).toMatchObject({ id: "default/data" });
});

test("an OS disk is a full copy of its source, at its own size", async () => {
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", inPool("base.qcow2"), "4M"]);
  execFileSync("qemu-io", ["-c", "write -P 0x5a 0 64k", inPool("base.qcow2")], { stdio: "ignore" });
  const wanted: VolumeInputs = {
    pool: "default",
    name: "os",
    capacity: 16 * MiB,
    format: "qcow2",
    source: { volume: "base.qcow2" },
  };
  const { state } = await kind.create(host.config, wanted, callOf("os"));
  const info = JSON.parse(
    execFileSync("qemu-img", ["info", "--output", "json", inPool("os")], { encoding: "utf8" }),
  ) as Record<string, unknown>;
  expect(info).toMatchObject({ format: "qcow2", "virtual-size": 16 * MiB });
  expect(info).not.toHaveProperty("backing-filename");
  execFileSync("qemu-io", ["-r", "-c", "read -P 0x5a 0 64k", inPool("os")], { stdio: "ignore" });
  expect((await kind.read(host.config, "default/os", callOf("os"), { inputs: wanted, state }))?.inputs).toEqual(wanted);
});

test("a source that is larger than the volume is refused and leaves nothing", async () => {
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", inPool("base.qcow2"), "32M"]);
  const wanted: VolumeInputs = {
    pool: "default",
    name: "os",
    capacity: 16 * MiB,
    format: "qcow2",
    source: { volume: "base.qcow2" },
  };
  await expect(kind.create(host.config, wanted, callOf("os"))).rejects.toThrow(
    "root@10.30.0.2: make-volume: base.qcow2 has 33554432 bytes: more than the 16777216 of the volume",
  );
  expect(readdirSync(host.poolDir)).toEqual(["base.qcow2"]);
});

test("a source that is not there is named", async () => {
  const wanted: VolumeInputs = { ...dataDisk, source: { volume: "none.qcow2" } };
  await expect(kind.create(host.config, wanted, callOf("os"))).rejects.toThrow(
    "root@10.30.0.2: the source default/none.qcow2 is not there",
  );
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

test("create takes over what it made before, and grows it if need be", async () => {
  await kind.create(host.config, dataDisk, callOf("data"));
  writeFileSync(inPool("data"), Buffer.alloc(8 * MiB, "precious"));
  const again = await kind.create(host.config, { ...dataDisk, capacity: 10 * MiB }, callOf("data"));
  expect(again.state.capacity).toBe(10 * MiB);
  expect(readFileSync(inPool("data")).subarray(0, 8).toString()).toBe("precious");
});

test.each([
  ["a volume of nobody", undefined, "exists and carries no mark of this program: left alone"],
  ["a volume of another resource", callOf("other"), 'belongs to resource "other" of kvm-mirror/test: left alone'],
])("create refuses %s", async (_what, maker, message) => {
  if (maker) await kind.create(host.config, dataDisk, maker);
  else writeFileSync(inPool("data"), Buffer.alloc(8 * MiB, "foreign"));
  const before = readFileSync(inPool("data"));
  await expect(kind.create(host.config, dataDisk, callOf("data"))).rejects.toThrow(message);
  expect(readFileSync(inPool("data")).equals(before)).toBe(true);
});

test("create refuses one that would have to shrink", async () => {
  await kind.create(host.config, dataDisk, callOf("data"));
  await expect(kind.create(host.config, { ...dataDisk, capacity: 4 * MiB }, callOf("data"))).rejects.toThrow(
    "volume default/data on root@10.30.0.2 exists with 8388608 bytes and never shrinks to 4194304: left alone",
  );
});

test("a missing volume is gone, a missing pool is an error", async () => {
  expect(await kind.read(host.config, "default/data", callOf("data"))).toBeUndefined();
  await expect(kind.read(host.config, "nowhere/data", callOf("data"))).rejects.toThrow(
    "root@10.30.0.2: there is no storage pool nowhere; pools here: default",
  );
});

test("an inactive pool is an error with its remedy, and seen as soon as it is active again", async () => {
  host.run("virsh", "pool-define-as", "spare", "dir", "--target", "/var/lib/libvirt/spare");
  host.run("virsh", "pool-build", "spare");
  await hosts.close(); // a new process knows nothing of pools
  await expect(kind.read(host.config, "spare/data", callOf("data"))).rejects.toThrow(
    "root@10.30.0.2: storage pool spare is not active: virsh pool-start spare",
  );
  host.run("virsh", "pool-start", "spare");
  expect(await kind.read(host.config, "spare/data", callOf("data"))).toBeUndefined();
});

test("import: the id tells everything", async () => {
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", inPool("old"), "4M"]);
  const found = await kind.read(host.config, "default/old", callOf("taken"));
  expect(found?.inputs).toEqual({ pool: "default", name: "old", capacity: 4 * MiB, format: "qcow2" });
  await kind.delete(host.config, "default/old", found!.state, callOf("taken"));
  expect(existsSync(inPool("old"))).toBe(false);
});

test("delete leaves nothing, also when it was gone already", async () => {
  const { id, state } = await kind.create(host.config, dataDisk, callOf("data"));
  await kind.delete(host.config, id, state, callOf("data"));
  expect(readdirSync(host.poolDir)).toEqual([]);
  expect(listed()).toEqual([]);
  expect(host.run("ls", "/var/lib/libvirt")).not.toContain("kvm-mirror");
  await kind.delete(host.config, id, state, callOf("data"));
});

test("delete leaves a volume that another resource owns by now", async () => {
  const { id, state } = await kind.create(host.config, dataDisk, callOf("data"));
  const call = callOf("data");
  await kind.delete(host.config, id, { ...state, mark: "kvm-mirror/test elsewhere" }, call);
  expect(existsSync(inPool("data"))).toBe(true);
  expect(call.said).toEqual(["warning: default/data on root@10.30.0.2 belongs to another resource by now: left there"]);
});
