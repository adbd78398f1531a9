import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import type { VolumeInputs } from "../../plugins/libvirt/volume.ts";
import { callOf } from "./testCall.ts";
import type { TestHost } from "./testHost.ts";
import { dataDisk, MiB, volumeHost } from "./volumeHost.ts";

const place = volumeHost("v");
const { hosts, kind, inPool } = place;
let host: TestHost;
beforeAll(() => {
  host = place.host;
});
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

test("what create made, read finds unchanged", async () => {
  const { id, state } = await kind.create(host.config, dataDisk, callOf("data"));
  expect(await kind.read(host.config, id, callOf("data"), { inputs: dataDisk, state })).toEqual({
    id,
    inputs: dataDisk,
    state,
  });
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
