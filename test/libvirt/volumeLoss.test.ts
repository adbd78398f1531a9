import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { callOf } from "./testCall.ts";
import type { TestHost } from "./testHost.ts";
import { dataDisk, MiB, volumeHost } from "./volumeHost.ts";

const place = volumeHost("l");
const { kind, inPool } = place;
let host: TestHost;
beforeAll(() => {
  host = place.host;
});

/** What the operator sees when the pool's file system is not mounted: an empty directory. */
const missing = "data disk default/data was made on root@10.30.0.2 before and is not in /var/lib/libvirt/images now";

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
