import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openHosts } from "../../plugins/libvirt/host/hosts.ts";
import { network } from "../../plugins/libvirt/network/network.ts";
import { networkInputs } from "../../plugins/libvirt/network/networkInputs.ts";
import type { NetworkInputs } from "../../plugins/libvirt/network/networkInputs.ts";
import { callOf } from "./testCall.ts";
import { startHost } from "./testHost.ts";
import type { TestHost } from "./testHost.ts";

const hosts = openHosts();
const kind = network(hosts);
let host: TestHost;
const isolated = networkInputs.parse({ name: "storage", mtu: 9000 });

beforeAll(() => {
  host = startHost("n");
});
afterAll(async () => {
  await hosts.close();
  host.down();
});
afterEach(() => {
  for (const name of lines("virsh", "list", "--all", "--name")) {
    if (host.run("virsh", "domstate", name).trim() !== "shut off") host.run("virsh", "destroy", name);
    else host.run("virsh", "undefine", name);
  }
  for (const name of lines("virsh", "net-list", "--name")) host.run("virsh", "net-destroy", name);
  for (const name of lines("virsh", "net-list", "--all", "--name")) host.run("virsh", "net-undefine", name);
});

const lines = (...command: string[]) =>
  host
    .run(...command)
    .split("\n")
    .filter(Boolean);
const xml = (name: string) => host.run("virsh", "net-dumpxml", "--inactive", name);

test.each<[string, NetworkInputs]>([
  ["isolated, with jumbo frames", isolated],
  [
    "over a bridge of the host",
    networkInputs.parse({ name: "management", forward: { mode: "bridge" }, bridge: { name: "br-management" } }),
  ],
  [
    "behind NAT, with DHCP",
    networkInputs.parse({
      name: "out",
      forward: { mode: "nat" },
      ips: [{ address: "192.168.77.1", prefix: 24, dhcp: { start: "192.168.77.10", end: "192.168.77.99" } }],
    }),
  ],
])("a network %s: made, started, read as made, deleted", async (_what, wanted) => {
  expect(kind.check?.(wanted, undefined)).toEqual([]);
  const { id, state } = await kind.create(host.config, wanted, callOf("net"));
  expect(id).toBe(wanted.name);
  expect(state).toEqual({ ...wanted, uuid: kind.preview?.(wanted, undefined).uuid });
  expect(lines("virsh", "net-list", "--name")).toEqual([wanted.name]);
  expect(lines("virsh", "net-list", "--autostart", "--name")).toEqual([wanted.name]);
  expect(await kind.read(host.config, id, callOf("net"), { inputs: wanted, state })).toEqual({
    id,
    inputs: wanted,
    state,
  });
  await kind.delete(host.config, id, state, callOf("net"));
  expect(lines("virsh", "net-list", "--all", "--name")).toEqual([]);
  await kind.delete(host.config, id, state, callOf("net"));
});

test("import finds the arguments", async () => {
  const wanted = networkInputs.parse({
    name: "management",
    forward: { mode: "bridge" },
    bridge: { name: "br-management" },
    autostart: false,
  });
  await kind.create(host.config, wanted, callOf("net"));
  expect((await kind.read(host.config, "management", callOf("elsewhere")))?.inputs).toEqual(wanted);
});

test("create takes over what it made before and mends it", async () => {
  await kind.create(host.config, isolated, callOf("net"));
  const before = xml("storage");
  host.run("virsh", "net-destroy", "storage");
  host.run("virsh", "net-autostart", "--disable", "storage");
  await kind.create(host.config, isolated, callOf("net"));
  expect(lines("virsh", "net-list", "--autostart", "--name")).toEqual(["storage"]);
  expect(xml("storage")).toBe(before);
});

test.each([
  ["of nobody", undefined, "network storage on root@10.30.0.2 exists and carries no mark of this program: left alone"],
  [
    "of another resource",
    "other",
    'network storage on root@10.30.0.2 exists and belongs to resource "other" of kvm-mirror/test: left alone',
  ],
])("create refuses a network %s", async (_whose, maker, message) => {
  if (maker) await kind.create(host.config, isolated, callOf(maker));
  else host.feed("<network><name>storage</name></network>", "virsh", "net-define", "/dev/stdin");
  const before = xml("storage");
  await expect(kind.create(host.config, isolated, callOf("net"))).rejects.toThrow(message);
  expect(xml("storage")).toBe(before);
});

test("drift: an inactive network is seen and mended", async () => {
  const { id, state } = await kind.create(host.config, isolated, callOf("net"));
  host.run("virsh", "net-destroy", "storage");
  const found = await kind.read(host.config, id, callOf("net"), { inputs: isolated, state });
  expect(found?.inputs).toEqual({ ...isolated, active: false });
  await kind.update(host.config, id, found!, isolated, callOf("net"));
  expect(lines("virsh", "net-list", "--name")).toEqual(["storage"]);
});

test("drift: an undefined network is gone, also while it is still active, and made anew", async () => {
  const { id, state } = await kind.create(host.config, isolated, callOf("net"));
  host.run("virsh", "net-undefine", "storage");
  expect(await kind.read(host.config, id, callOf("net"), { inputs: isolated, state })).toBeUndefined();
  await kind.create(host.config, isolated, callOf("net"));
  expect(await kind.read(host.config, id, callOf("net"), { inputs: isolated, state })).toEqual({
    id,
    inputs: isolated,
    state,
  });
});

test("drift: changed MTU and autostart are seen and mended, what others added stays", async () => {
  const { id, state } = await kind.create(host.config, isolated, callOf("net"));
  const changed = xml("storage")
    .replace("<mtu size='9000'/>", "<mtu size='1400'/>")
    .replace("</metadata>", "<other:note xmlns:other='http://example.net/note'>keep me</other:note></metadata>");
  host.feed(changed, "virsh", "net-define", "/dev/stdin");
  host.run("virsh", "net-autostart", "--disable", "storage");
  const found = await kind.read(host.config, id, callOf("net"), { inputs: isolated, state });
  expect(found?.inputs).toEqual({ ...isolated, mtu: 1400, autostart: false });
  await kind.update(host.config, id, found!, isolated, callOf("net"));
  expect((await kind.read(host.config, id, callOf("net"), { inputs: isolated, state }))?.inputs).toEqual(isolated);
  expect(xml("storage")).toContain("keep me");
  expect(host.run("virsh", "net-dumpxml", "storage")).toContain("<mtu size='9000'/>");
});

test("a change that would cut a running guest off is refused, and so is deleting; autostart may change", async () => {
  const { id, state } = await kind.create(host.config, isolated, callOf("net"));
  const domain = `<domain type='qemu'><name>guest</name><memory unit='MiB'>64</memory><os><type>hvm</type></os>
    <devices><interface type='network'><source network='storage'/></interface></devices></domain>`;
  host.feed(domain, "virsh", "create", "/dev/stdin");
  const before = xml("storage");
  const update = kind.update(host.config, id, { inputs: isolated, state }, { ...isolated, mtu: 1500 }, callOf("net"));
  await expect(update).rejects.toThrow(
    "root@10.30.0.2: put-network: network storage is in use by running domains: guest; " +
      "shut them down first, then run again (nothing was changed)",
  );
  expect(xml("storage")).toBe(before);
  await expect(kind.delete(host.config, id, state, callOf("net"))).rejects.toThrow(
    "network storage is in use by running domains: guest; shut them down first",
  );
  await kind.update(host.config, id, { inputs: isolated, state }, { ...isolated, autostart: false }, callOf("net"));
  expect(lines("virsh", "net-list", "--autostart", "--name")).toEqual([]);
  expect(lines("virsh", "list", "--name")).toEqual(["guest"]);
});
