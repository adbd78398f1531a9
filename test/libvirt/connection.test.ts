import { execFileSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HostUnreachable } from "../../plugins/libvirt/host/errors.ts";
import { openHosts } from "../../plugins/libvirt/host/hosts.ts";
import { localHost } from "../../plugins/libvirt/host/localHost.ts";
import { directoryPool } from "../../plugins/libvirt/pool/pools.ts";
import { network } from "../../plugins/libvirt/network/network.ts";
import { networkInputs } from "../../plugins/libvirt/network/networkInputs.ts";
import { callOf } from "./testCall.ts";
import { startHost, until } from "./testHost.ts";
import type { TestHost } from "./testHost.ts";

const hosts = openHosts();
const kind = network(hosts);
const lan = networkInputs.parse({ name: "lan" });
const { signal } = new AbortController();
let host: TestHost;

beforeAll(() => {
  host = startHost("x");
});
afterAll(async () => {
  await hosts.close();
  host.down();
});

/** The ssh processes that hold a connection to this host; those of other runs have other keys. */
const connections = () =>
  execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })
    .split("\n")
    .filter(
      (line) => line.startsWith("/usr/bin/ssh") && line.includes(`${host.keys}/`) && line.includes("kvm-mirror: ready"),
    );
const sockets = () =>
  readdirSync(`${tmpdir()}/kvm-mirror-ssh-${userInfo().uid}`).filter((name) => name.startsWith(`${process.pid}-`));

const readLan = (uri: string) => kind.read({ ...host.config, uri }, "lan", callOf("lan"));

test("a host without an answer is unreachable, not empty", async () => {
  const failure = await readLan(host.config.uri.replace("10.30.0.2", "10.30.0.9")).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(HostUnreachable);
  expect((failure as Error).message).toBe(
    "KVM host root@10.30.0.9 cannot be reached: ssh: connect to host 10.30.0.9 port 22: No route to host",
  );
});

test("a port where nobody listens is unreachable", async () => {
  await expect(readLan(host.config.uri.replace("10.30.0.2", "10.30.0.2:2222"))).rejects.toThrow(
    "KVM host root@10.30.0.2 cannot be reached: ssh: connect to host 10.30.0.2 port 2222: Connection refused",
  );
});

test("an unknown host key is unreachable: nothing is trusted at first sight", async () => {
  writeFileSync(`${host.tmpDir}/empty`, "");
  const uri = host.config.uri.replace(/known_hosts=.*$/, `known_hosts=${host.tmpDir}/empty`);
  await expect(readLan(uri)).rejects.toThrow(
    "KVM host root@10.30.0.2 cannot be reached: Host key verification failed.",
  );
});

test("a key that the host does not know is unreachable", async () => {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", `${host.tmpDir}/other`]);
  const uri = host.config.uri.replace(/keyfile=[^&]*/, `keyfile=${host.tmpDir}/other`);
  await expect(readLan(uri)).rejects.toThrow(
    /^KVM host root@10\.30\.0\.2 cannot be reached: root@10\.30\.0\.2: Permission denied/,
  );
});

test("libvirt that does not answer is an error, not an empty host", async () => {
  await kind.create(host.config, lan, callOf("lan"));
  host.run("bash", "-c", "kill -STOP $(pidof libvirtd)");
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 1000);
  await expect(kind.read(host.config, "lan", callOf("lan", controller.signal))).rejects.toThrow(
    "root@10.30.0.2: read-network: stopped",
  );
  host.run("bash", "-c", "kill -CONT $(pidof libvirtd)");
  expect((await readLan(host.config.uri))?.inputs).toEqual(lan);
  host.run("bash", "-c", "kill -KILL $(pidof libvirtd)");
  await expect(readLan(host.config.uri)).rejects.toThrow(
    "root@10.30.0.2: read-network: Failed to connect socket to '/var/run/libvirt/libvirt-sock'",
  );
  host.run("bash", "-c", "setsid libvirtd </dev/null >/dev/null 2>&1 &");
  await until("libvirtd is back", () => {
    try {
      return host.run("virsh", "net-list", "--all", "--name").includes("lan");
    } catch {
      return false;
    }
  });
});

test("a connection that breaks is made anew by the next call", async () => {
  expect((await readLan(host.config.uri))?.id).toBe("lan");
  host.run("bash", "-c", "pkill -KILL -f 'sshd: roo[t]'");
  await until("the old connection is gone", () => connections().length === 0, 40);
  expect((await readLan(host.config.uri))?.id).toBe("lan");
});

test("many calls at once share one connection and do not exceed what sshd allows", async () => {
  const found = await Promise.all(Array.from({ length: 30 }, () => readLan(host.config.uri)));
  expect(found.map((each) => each?.id)).toEqual(Array(30).fill("lan"));
  expect(connections()).toHaveLength(1);
});

test("closing leaves no process and no socket", async () => {
  const own = openHosts();
  await own.of(host.config).run({ script: "pools", signal });
  await hosts.close();
  expect({ sockets: sockets().length, connections: connections().length }).toEqual({ sockets: 1, connections: 1 });
  await own.close();
  expect({ sockets: sockets(), connections: connections() }).toEqual({ sockets: [], connections: [] });
});

test("this machine as a host: the same without ssh", async () => {
  const here = localHost(host.enter, "here");
  expect(await directoryPool(here, "default", signal)).toMatchObject({
    name: "default",
    dir: "/var/lib/libvirt/images",
  });
  await expect(here.run({ script: "start-domain", args: ["none"], signal })).rejects.toThrow(
    "here: start-domain: there is no domain none",
  );
});

test("a missing tool is named with its package", async () => {
  host.run(
    "bash",
    "-c",
    "mkdir /tmp/tools && for tool in env bash head; do ln -s $(command -v $tool) /tmp/tools/; done",
  );
  const here = localHost([...host.enter, "env", "PATH=/tmp/tools"], "here");
  await expect(here.run({ script: "pools", signal })).rejects.toThrow(
    "here: pools: virsh is missing on this host: install the package libvirt-clients",
  );
});
