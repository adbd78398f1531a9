import { existsSync, readdirSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { domainHost, off, on } from "./domainHost.ts";
import { callOf } from "./testCall.ts";
import type { TestHost } from "./testHost.ts";

const place = domainHost("d");
const { kind, lines, xml, domstate, read } = place;
let host: TestHost;
beforeAll(() => {
  host = place.host;
});

test("a domain is defined as asked, off, and read as made", async () => {
  const { id, state } = await kind.create(host.config, off, callOf("vm"));
  expect({ id, state }).toEqual({
    id: "tiny",
    state: { ...off, virtType: "qemu", restartRequired: false, lastStart: "" },
  });
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
