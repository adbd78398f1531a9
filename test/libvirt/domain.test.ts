import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { domain } from "../../plugins/libvirt/domain/domain.ts";
import { domainInputs } from "../../plugins/libvirt/domain/domainInputs.ts";
import type { DomainInputs } from "../../plugins/libvirt/domain/domainInputs.ts";
import { domainPower } from "../../plugins/libvirt/domain/domainPower.ts";
import { openHosts } from "../../plugins/libvirt/host/hosts.ts";
import { volume } from "../../plugins/libvirt/volume.ts";
import { PartialFailure } from "../../plugins/serving/resource.ts";
import { callOf } from "./testCall.ts";
import { startHost } from "./testHost.ts";
import type { TestHost } from "./testHost.ts";

const MiB = 1024 ** 2;
const hosts = openHosts();
const kind = domain(hosts);
const power = domainPower(hosts);
let host: TestHost;

const dataDisk = (name: string, dev: string) => ({
  device: "disk" as const,
  source: { pool: "default", volume: name },
  driver: { type: "raw" as const, cache: "none" as const, io: "native" as const },
  target: { dev, bus: "virtio" as const },
  serial: name,
});
const off = domainInputs.parse({
  name: "tiny",
  uuid: "b0a1f5a4-3f0e-4c58-9d55-0f6d0e1c2b3a",
  title: "A domain of the tests",
  memory: 64,
  vcpu: 1,
  disks: [dataDisk("data", "vdb")],
  interfaces: [{ network: "lan", mac: "52:54:00:00:00:01" }],
  running: false,
  // A guest without a system hears nothing: the power is cut.
  shutdownTimeout: 1,
});
const on: DomainInputs = { ...off, running: true };

beforeAll(() => {
  host = startHost("d");
  host.feed("<network><name>lan</name></network>", "virsh", "net-define", "/dev/stdin");
  host.run("virsh", "net-start", "lan");
  for (const name of ["data", "more"])
    host.run("virsh", "vol-create-as", "default", name, String(8 * MiB), "--format", "raw");
});
afterAll(async () => {
  await hosts.close();
  host.down();
});
afterEach(() => {
  for (const name of lines("virsh", "list", "--name")) host.run("virsh", "destroy", name);
  for (const name of lines("virsh", "list", "--all", "--name")) host.run("virsh", "undefine", name);
});

const lines = (...command: string[]) =>
  host
    .run(...command)
    .split("\n")
    .filter(Boolean);
const xml = (name = "tiny") => host.run("virsh", "dumpxml", "--inactive", name);
const domstate = (name = "tiny") => host.run("virsh", "domstate", name).trim();
const read = (known: DomainInputs, call = callOf("vm")) =>
  kind.read(host.config, known.name, call, {
    inputs: known,
    state: { ...known, virtType: "qemu", restartRequired: false },
  });
const update = (from: DomainInputs, to: DomainInputs, call = callOf("vm")) =>
  kind.update(
    host.config,
    to.name,
    { inputs: from, state: { ...from, virtType: "qemu", restartRequired: false } },
    to,
    call,
  );

test("a domain is defined as asked, off, and read as made", async () => {
  const { id, state } = await kind.create(host.config, off, callOf("vm"));
  expect({ id, state }).toEqual({ id: "tiny", state: { ...off, virtType: "qemu", restartRequired: false } });
  expect(domstate()).toBe("shut off");
  expect(await kind.read(host.config, id, callOf("vm"), { inputs: off, state })).toEqual({ id, inputs: off, state });
  for (const part of [
    "type='qemu'",
    "org.qemu.guest_agent.0",
    "/dev/urandom",
    "tiny-console.log",
    "cache='none' io='native'",
    "<serial>data</serial>",
  ]) {
    expect(xml()).toContain(part);
  }
});

test("a domain is started, autostarts, and delete leaves nothing of it", async () => {
  const wanted = { ...on, autostart: true };
  const { id, state } = await kind.create(host.config, wanted, callOf("vm"));
  expect(domstate()).toBe("running");
  expect((await read(wanted))?.inputs).toEqual(wanted);
  const log = `${host.files}/log/qemu`;
  expect(readdirSync(log).filter((name) => name.includes("console"))).toEqual(["tiny-console.log"]);
  const call = callOf("vm");
  await kind.delete(host.config, id, state, call);
  expect(lines("virsh", "list", "--all", "--name")).toEqual([]);
  expect(readdirSync(log).filter((name) => name.includes("console"))).toEqual([]);
  expect(call.said).toEqual([
    "warning: domain tiny on root@10.30.0.2 did not shut down within 1 s, or was paused: its power was cut",
  ]);
  expect(existsSync(`${host.poolDir}/data`)).toBe(true);
  await kind.delete(host.config, id, state, callOf("vm"));
});

test("import finds the arguments", async () => {
  await kind.create(host.config, off, callOf("vm"));
  expect((await kind.read(host.config, "tiny", callOf("elsewhere")))?.inputs).toEqual({
    ...off,
    type: "qemu",
    shutdownTimeout: 120,
  });
});

test("create takes over an unfinished domain of its own: defined, but not started, not autostarted", async () => {
  await kind.create(host.config, off, callOf("vm"));
  const before = xml();
  await kind.create(host.config, { ...on, autostart: true }, callOf("vm"));
  expect(domstate()).toBe("running");
  expect(lines("virsh", "list", "--autostart", "--name")).toEqual(["tiny"]);
  expect(xml()).toBe(before);
});

test.each([
  ["of nobody", undefined, "domain tiny on root@10.30.0.2 exists and carries no mark of this program: left alone"],
  [
    "of another resource",
    "other",
    'domain tiny on root@10.30.0.2 exists and belongs to resource "other" of kvm-mirror/test: left alone',
  ],
])("create refuses a domain %s", async (_whose, maker, message) => {
  if (maker) await kind.create(host.config, off, callOf(maker));
  else
    host.feed(
      "<domain type='qemu'><name>tiny</name><memory>65536</memory><os><type>hvm</type></os></domain>",
      "virsh",
      "define",
      "/dev/stdin",
    );
  const before = xml();
  await expect(kind.create(host.config, on, callOf("vm"))).rejects.toThrow(message);
  expect(xml()).toBe(before);
  expect(domstate()).toBe("shut off");
});

test("create refuses its own domain with another UUID", async () => {
  await kind.create(host.config, off, callOf("vm"));
  await expect(
    kind.create(host.config, { ...off, uuid: "b0a1f5a4-3f0e-4c58-9d55-000000000000" }, callOf("vm")),
  ).rejects.toThrow("exists with UUID b0a1f5a4-3f0e-4c58-9d55-0f6d0e1c2b3a");
});

test("a domain that is defined but does not start is kept, and the next try goes on", async () => {
  const wanted = { ...on, disks: [...on.disks, dataDisk("late", "vdc")] };
  const failure = await kind.create(host.config, wanted, callOf("vm")).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(PartialFailure);
  expect(failure).toMatchObject({
    id: "tiny",
    state: { name: "tiny" },
    message: expect.stringContaining("domain tiny is defined, but does not start: root@10.30.0.2: put-domain:"),
  });
  expect((failure as Error).message).toContain("/var/lib/libvirt/images/late");
  host.run("virsh", "vol-create-as", "default", "late", String(MiB), "--format", "raw");
  await update(wanted, wanted);
  expect(domstate()).toBe("running");
});

test("drift: a stopped domain, changed memory and autostart are seen and mended", async () => {
  await kind.create(host.config, on, callOf("vm"));
  host.run("virsh", "destroy", "tiny");
  host.run("virsh", "setmaxmem", "tiny", "96M", "--config");
  host.run("virsh", "autostart", "tiny");
  const found = await read(on);
  expect(found?.inputs).toEqual({ ...on, running: false, memory: 96, autostart: true });
  await update(found!.inputs, on);
  expect((await read(on))?.inputs).toEqual(on);
  expect(domstate()).toBe("running");
});

test(
  "drift: an undefined domain is gone, also while it still runs; create " +
    "makes it persistent again without touching it",
  async () => {
    await kind.create(host.config, on, callOf("vm"));
    const id = host.run("virsh", "domid", "tiny");
    host.run("virsh", "undefine", "tiny");
    expect(await read(on)).toBeUndefined();
    await kind.create(host.config, on, callOf("vm"));
    expect((await read(on))?.inputs).toEqual(on);
    expect(host.run("virsh", "domid", "tiny")).toBe(id);
  },
);

test("a paused domain counts as on and is reported", async () => {
  await kind.create(host.config, on, callOf("vm"));
  host.run("virsh", "suspend", "tiny");
  const call = callOf("vm");
  expect((await read(on, call))?.inputs).toEqual(on);
  expect(call.said).toEqual([
    "warning: domain tiny on root@10.30.0.2 is paused (user): mend the cause, then virsh resume tiny",
  ]);
});

test("memory and vcpu of a running domain wait for its next start, and that is said", async () => {
  await kind.create(host.config, on, callOf("vm"));
  const id = host.run("virsh", "domid", "tiny");
  const call = callOf("vm");
  const state = await update(on, { ...on, memory: 80, vcpu: 2 }, call);
  expect(state).toMatchObject({ memory: 80, vcpu: 2, restartRequired: true });
  expect(call.said).toEqual([
    "warning: domain tiny on root@10.30.0.2 runs on as it is; at its next start: memory 64 → 80 MiB, vcpu 1 → 2",
  ]);
  expect(host.run("virsh", "domid", "tiny")).toBe(id);
  expect((await read({ ...on, memory: 80, vcpu: 2 }))?.state.restartRequired).toBe(true);
  host.run("virsh", "destroy", "tiny");
  host.run("virsh", "start", "tiny");
  expect((await read({ ...on, memory: 80, vcpu: 2 }))?.state.restartRequired).toBe(false);
  expect(host.run("virsh", "dominfo", "tiny")).toMatch(/Max memory: +81920 KiB/);
});

test("disks that others attached survive an update and do not show", async () => {
  await kind.create(host.config, on, callOf("vm"));
  const foreign =
    "<disk type='network' device='disk'><driver name='qemu' type='raw' cache='none'/><source protocol='nbd' " +
    "name='r0'><host name='192.0.2.1' port='10809'/></source><target dev='vdx' bus='virtio'/></disk>";
  host.feed(foreign, "virsh", "attach-device", "tiny", "/dev/stdin", "--config");
  expect((await read(on))?.inputs).toEqual(on);
  await update(on, { ...on, title: "Changed", memory: 80 });
  expect(xml()).toContain("protocol='nbd' name='r0'");
  const taken = { ...on, disks: [...on.disks, dataDisk("more", "vdx")] };
  await expect(update(on, taken)).rejects.toThrow(
    "domain tiny has a disk at vdx that somebody else attached (network:nbd/r0): choose another target",
  );
  const call = callOf("vm");
  host.run("virsh", "destroy", "tiny");
  await kind.delete(host.config, "tiny", { ...on, virtType: "qemu", restartRequired: false }, call);
  expect(lines("virsh", "list", "--all", "--name")).toEqual([]);
});

test("a new disk and a new interface reach the running domain and its definition", async () => {
  await kind.create(host.config, on, callOf("vm"));
  const wanted = {
    ...on,
    disks: [...on.disks, dataDisk("more", "vdc")],
    interfaces: [...on.interfaces, { network: "lan", mac: "52:54:00:00:00:02", model: "virtio" }],
  };
  expect(await update(on, wanted)).toMatchObject({ restartRequired: false });
  for (const view of [xml(), host.run("virsh", "dumpxml", "tiny")]) {
    expect(view).toContain("<target dev='vdc' bus='virtio'/>");
    expect(view).toContain("52:54:00:00:00:02");
  }
  expect((await read(wanted))?.inputs).toEqual(wanted);
});

test("a disk that is no longer declared leaves the definition, not the running guest's hands", async () => {
  const wanted = { ...on, disks: [...on.disks, dataDisk("more", "vdc")] };
  await kind.create(host.config, wanted, callOf("vm"));
  const call = callOf("vm");
  expect(await update(wanted, on, call)).toMatchObject({ restartRequired: true });
  expect(call.said).toEqual(["warning: domain tiny on root@10.30.0.2 runs on as it is; at its next start: disks"]);
  expect(xml()).not.toContain("vdc");
  expect(host.run("virsh", "dumpxml", "tiny")).toContain("vdc");
});

test("drift: a disk taken out of the definition is seen and put back", async () => {
  await kind.create(host.config, off, callOf("vm"));
  host.run("virsh", "detach-disk", "tiny", "vdb", "--config");
  const found = await read(off);
  expect(found?.inputs).toEqual({ ...off, disks: [] });
  await update(found!.inputs, off);
  expect((await read(off))?.inputs).toEqual(off);
});

test("running: false shuts a domain down", async () => {
  await kind.create(host.config, on, callOf("vm"));
  await update(on, off);
  expect(domstate()).toBe("shut off");
});

test("running left out: power is nobody's business here", async () => {
  const { running: _running, ...managed } = on;
  await kind.create(host.config, managed, callOf("vm"));
  expect(domstate()).toBe("shut off");
  expect((await read(managed))?.inputs).toEqual(managed);
  host.run("virsh", "start", "tiny");
  expect((await read(managed))?.inputs).toEqual(managed);
  await update(managed, { ...managed, title: "Changed" });
  expect(domstate()).toBe("running");
});

test("another domain of the same name is not ours: gone for read, left by delete, refused by update", async () => {
  host.feed(
    "<domain type='qemu'><name>tiny</name><memory>65536</memory><os><type>hvm</type></os></domain>",
    "virsh",
    "define",
    "/dev/stdin",
  );
  expect(await read(off)).toBeUndefined();
  await expect(update(off, on)).rejects.toThrow("it is another one, left alone");
  const call = callOf("vm");
  await kind.delete(host.config, "tiny", { ...off, virtType: "qemu", restartRequired: false }, call);
  expect(lines("virsh", "list", "--all", "--name")).toEqual(["tiny"]);
  expect(call.said[0]).toContain("it is another one, left there");
});

test("DomainState starts, sees, mends, shuts down", async () => {
  const { running: _running, ...managed } = on;
  await kind.create(host.config, managed, callOf("vm"));
  const inputs = { domain: "tiny", running: true, shutdownTimeout: 1 };
  const { id, state } = await power.create(host.config, inputs, callOf("state"));
  expect({ id, state, is: domstate() }).toEqual({ id: "tiny", state: inputs, is: "running" });
  host.run("virsh", "destroy", "tiny");
  expect((await power.read(host.config, id, callOf("state"), { inputs, state }))?.inputs).toEqual({
    ...inputs,
    running: false,
  });
  await power.update(host.config, id, { inputs, state }, inputs, callOf("state"));
  expect(domstate()).toBe("running");
  await power.delete(host.config, id, state, callOf("state"));
  expect(domstate()).toBe("shut off");
  host.run("virsh", "undefine", "tiny");
  await power.delete(host.config, id, state, callOf("state"));
  expect(await power.read(host.config, id, callOf("state"), { inputs, state })).toBeUndefined();
  await expect(power.create(host.config, inputs, callOf("state"))).rejects.toThrow(
    "root@10.30.0.2: start-domain: there is no domain tiny",
  );
});

test("a volume in use grows under the running domain and cannot be deleted", async () => {
  const disks = volume(hosts);
  const inputs = { pool: "default", name: "held", capacity: 8 * MiB, format: "raw" as const };
  const made = await disks.create(host.config, inputs, callOf("held"));
  await kind.create(host.config, { ...on, disks: [dataDisk("held", "vdb")] }, callOf("vm"));
  const state = await disks.update(
    host.config,
    made.id,
    { inputs, state: made.state },
    { ...inputs, capacity: 12 * MiB },
    callOf("held"),
  );
  expect(host.run("virsh", "domblkinfo", "tiny", "vdb")).toMatch(/Capacity: +12582912/);
  expect(execFileSync("stat", ["--format", "%s", `${host.poolDir}/held`], { encoding: "utf8" }).trim()).toBe(
    "12582912",
  );
  await expect(disks.delete(host.config, made.id, state, callOf("held"))).rejects.toThrow(
    "held is in use: running domain tiny has it open; shut it down first",
  );
  host.run("virsh", "destroy", "tiny");
  await disks.delete(host.config, made.id, state, callOf("held"));
});
