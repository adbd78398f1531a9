import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { cloudInitDisk } from "../../plugins/libvirt/cloudInitDisk.ts";
import type { CloudInitDiskInputs } from "../../plugins/libvirt/cloudInitDisk.ts";
import { openHosts } from "../../plugins/libvirt/host/hosts.ts";
import { callOf } from "./testCall.ts";
import { startHost } from "./testHost.ts";
import type { TestHost } from "./testHost.ts";

const hosts = openHosts();
const kind = cloudInitDisk(hosts);
let host: TestHost;
const seed: CloudInitDiskInputs = {
  pool: "default",
  name: "seed.iso",
  // Non-ASCII, quotes and no newline at the end: all of it must arrive.
  userData: "#cloud-config\nusers: [{name: 'häns', passwd: \"$6$x'y\"}]",
  metaData: "instance-id: i-1\nlocal-hostname: mirror-a\n",
  networkConfig: "version: 2\n",
};

beforeAll(() => {
  host = startHost("c");
});
afterAll(async () => {
  await hosts.close();
  host.down();
});
afterEach(() => {
  for (const name of readdirSync(host.poolDir)) rmSync(`${host.poolDir}/${name}`);
});

const file = () => `${host.poolDir}/seed.iso`;
/** Mounts nothing: this kernel may lack ISO 9660. */
const inIso = (name: string) => host.run("isoinfo", "-R", "-x", `/${name}`, "-i", "/var/lib/libvirt/images/seed.iso");
const names = () =>
  host.run("isoinfo", "-R", "-f", "-i", "/var/lib/libvirt/images/seed.iso").split("\n").filter(Boolean).sort();
const known = (state: Awaited<ReturnType<typeof kind.create>>["state"]) => ({ inputs: seed, state });

test("a seed holds the three documents byte by byte under label cidata, for root alone", async () => {
  const { id, state } = await kind.create(host.config, seed, callOf("seed"));
  expect(id).toBe("default/seed.iso");
  expect(state).toEqual({
    ...seed,
    path: "/var/lib/libvirt/images/seed.iso",
    mark: "kvm-mirror/test seed",
    sha256: kind.preview?.(seed, undefined).sha256,
  });
  expect({ user: inIso("user-data"), meta: inIso("meta-data"), network: inIso("network-config") }).toEqual({
    user: seed.userData,
    meta: seed.metaData,
    network: seed.networkConfig,
  });
  expect(host.run("isoinfo", "-d", "-i", "/var/lib/libvirt/images/seed.iso")).toMatch(/^Volume id: cidata$/m);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(readdirSync(host.poolDir)).toEqual(["seed.iso"]);
  expect(await kind.read(host.config, id, callOf("seed"), known(state))).toEqual({ id, ...known(state) });
});

test("without a network configuration there is no such file", async () => {
  await kind.create(host.config, { ...seed, networkConfig: "" }, callOf("seed"));
  expect(names()).toEqual(["/meta-data", "/user-data"]);
});

test("what goes into a seed is in no command line", async () => {
  const secret = "very-secret-phrase";
  const watched = host.run("bash", "-c", "command -v genisoimage").trim();
  writeFileSync(
    `${host.tmpDir}/front`,
    `#!/bin/bash\ncat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' >/tmp/processes\nexec /tmp/real "$@"\n`,
    { mode: 0o755 },
  );
  host.run("cp", watched, "/tmp/real");
  host.run("mount", "--bind", "/tmp/front", watched);
  try {
    await kind.create(host.config, { ...seed, userData: secret }, callOf("seed"));
  } finally {
    host.run("umount", watched);
  }
  const seen = host.run("cat", "/tmp/processes");
  expect(seen).toContain("make-seed");
  expect(seen).not.toContain(secret);
  expect(seen).not.toContain(Buffer.from(secret).toString("base64"));
  expect(inIso("user-data")).toBe(secret);
});

test("a change is written in the seed's place", async () => {
  const { id, state } = await kind.create(host.config, seed, callOf("seed"));
  const news = { ...seed, userData: "#cloud-config\n{}\n" };
  const after = await kind.update(host.config, id, known(state), news, callOf("seed"));
  expect(after.sha256).toBe(kind.preview?.(news, state).sha256);
  expect(inIso("user-data")).toBe(news.userData);
  expect(readdirSync(host.poolDir)).toEqual(["seed.iso"]);
});

test("drift: a seed that was changed or removed on the host is seen and written again", async () => {
  const { id, state } = await kind.create(host.config, seed, callOf("seed"));
  host.run("bash", "-c", "printf x >>/var/lib/libvirt/images/seed.iso");
  const call = callOf("seed");
  const found = await kind.read(host.config, id, call, known(state));
  expect(found?.inputs).toEqual({ ...seed, userData: "", metaData: "", networkConfig: "" });
  expect(call.said).toEqual([
    "warning: seed default/seed.iso on root@10.30.0.2 is not what this program wrote: the next up writes it again",
  ]);
  await kind.update(host.config, id, found!, seed, callOf("seed"));
  expect((await kind.read(host.config, id, callOf("seed"), known(state)))?.inputs).toEqual(seed);
  rmSync(file());
  expect(await kind.read(host.config, id, callOf("seed"), known(state))).toBeUndefined();
});

test("create takes over its own, refuses others", async () => {
  await kind.create(host.config, seed, callOf("seed"));
  await kind.create(host.config, seed, callOf("seed"));
  await expect(kind.create(host.config, seed, callOf("other"))).rejects.toThrow(
    'seed default/seed.iso on root@10.30.0.2 exists and belongs to resource "seed" of kvm-mirror/test: left alone',
  );
  rmSync(file());
  writeFileSync(file(), "somebody's");
  await expect(kind.create(host.config, seed, callOf("seed"))).rejects.toThrow(
    "exists and carries no mark of this program: left alone",
  );
});

test("import, then delete leaves nothing", async () => {
  const { id, state } = await kind.create(host.config, seed, callOf("seed"));
  expect((await kind.read(host.config, id, callOf("seed")))?.state).toMatchObject({
    pool: "default",
    name: "seed.iso",
    path: state.path,
    mark: state.mark,
  });
  await kind.delete(host.config, id, state, callOf("seed"));
  expect(readdirSync(host.poolDir)).toEqual([]);
  expect(host.run("ls", "/var/lib/libvirt")).not.toContain("kvm-mirror");
});
