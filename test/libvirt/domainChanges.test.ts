import { beforeAll, expect, test } from "vitest";
import { dataDisk, domainHost, off, on } from "./domainHost.ts";
import { callOf } from "./testCall.ts";
import type { TestHost } from "./testHost.ts";

const place = domainHost("g");
const { kind, lines, xml, domstate, read, update } = place;
let host: TestHost;
beforeAll(() => {
  host = place.host;
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
  await kind.delete(host.config, "tiny", { ...on, virtType: "qemu", restartRequired: false, lastStart: "" }, call);
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
  await kind.delete(host.config, "tiny", { ...off, virtType: "qemu", restartRequired: false, lastStart: "" }, call);
  expect(lines("virsh", "list", "--all", "--name")).toEqual(["tiny"]);
  expect(call.said[0]).toContain("it is another one, left there");
});
