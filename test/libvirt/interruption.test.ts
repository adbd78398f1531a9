import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { cloudInitDisk } from "../../plugins/libvirt/cloudInitDisk.ts";
import { openHosts } from "../../plugins/libvirt/host/hosts.ts";
import { volume } from "../../plugins/libvirt/volume.ts";
import { standHalfway } from "./halfway.ts";
import type { Halfway } from "./halfway.ts";
import { callOf } from "./testCall.ts";
import { startHost, until } from "./testHost.ts";
import type { TestHost } from "./testHost.ts";

const MiB = 1024 ** 2;
const hosts = openHosts();
const volumes = volume(hosts);
const seeds = cloudInitDisk(hosts);
let host: TestHost;
let halfway: Halfway | undefined;
let child: ChildProcess | undefined;

const osDisk = {
  pool: "default",
  name: "os",
  capacity: 16 * MiB,
  format: "qcow2" as const,
  source: { volume: "base.qcow2" },
};
const seed = {
  pool: "default",
  name: "seed.iso",
  userData: "#cloud-config\n{}\n",
  metaData: "instance-id: i-1\n",
  networkConfig: "",
};
const inPool = () => readdirSync(host.poolDir).sort();

beforeAll(() => {
  host = startHost("i");
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", `${host.poolDir}/base.qcow2`, "8M"]);
  execFileSync("qemu-io", ["-c", "write -P 0x5a 0 4M", `${host.poolDir}/base.qcow2`], { stdio: "ignore" });
});
afterAll(async () => {
  await hosts.close();
  host.down();
});
afterEach(() => {
  halfway?.end();
  halfway = undefined;
  child?.kill("SIGKILL");
  child = undefined;
  for (const name of inPool()) if (name !== "base.qcow2") rmSync(`${host.poolDir}/${name}`);
});

/** The provider's work in a process of its own. */
function inChild(token: string, inputs: object, resource: string): ChildProcess {
  const script = new URL("createOnce.ts", import.meta.url).pathname;
  child = spawn(process.execPath, [script, token, JSON.stringify(host.config), JSON.stringify(inputs), resource], {
    stdio: "ignore",
  });
  return child;
}

function expectCompleteOsDisk(): void {
  execFileSync("qemu-io", ["-r", "-c", "read -P 0x5a 0 4M", `${host.poolDir}/os`], { stdio: "ignore" });
  expect(inPool()).toEqual(["base.qcow2", "os"]);
}

test("a provider killed while it copies an OS disk ends the copy on the host; the next try makes it", async () => {
  halfway = standHalfway(host, "qemu-img", "convert");
  inChild("libvirt:index:Volume", osDisk, "os");
  await halfway.reached();
  expect(inPool()).toEqual([".os.partial", "base.qcow2"]);
  child!.kill("SIGKILL");
  await until("the host has cleaned up", () => !existsSync(`${host.poolDir}/.os.partial`));
  expect(inPool()).toEqual(["base.qcow2"]);
  halfway.end();
  halfway = undefined;
  await volumes.create(host.config, osDisk, callOf("os"));
  expectCompleteOsDisk();
});

test("a host that dies while it copies leaves half a file under another name; the next try drops it", async () => {
  halfway = standHalfway(host, "qemu-img", "convert");
  inChild("libvirt:index:Volume", osDisk, "os");
  await halfway.reached();
  // Everything at once, as a power cut does it: nobody cleans up.
  host.run("bash", "-c", "kill -KILL -- -$(pgrep --oldest --full 'make-volum[e] default')");
  child!.kill("SIGKILL");
  halfway.end();
  halfway = undefined;
  expect(inPool()).toEqual([".os.partial", "base.qcow2"]);
  await volumes.create(host.config, osDisk, callOf("os"));
  expectCompleteOsDisk();
});

test("cancelling ends the copy at once and leaves nothing", async () => {
  halfway = standHalfway(host, "qemu-img", "convert");
  const controller = new AbortController();
  const create = volumes.create(host.config, osDisk, callOf("os", controller.signal));
  const outcome = create.catch((error: unknown) => (error as Error).message);
  await halfway.reached();
  controller.abort();
  expect(await outcome).toBe("root@10.30.0.2: make-volume: stopped");
  await until("the host has cleaned up", () => !existsSync(`${host.poolDir}/.os.partial`));
  expect(inPool()).toEqual(["base.qcow2"]);
});

test("a second process waits for the first one's copy and then finds it done", async () => {
  halfway = standHalfway(host, "qemu-img", "convert");
  inChild("libvirt:index:Volume", osDisk, "os");
  await halfway.reached();
  halfway.end();
  halfway = undefined;
  const call = callOf("os");
  const create = volumes.create(host.config, osDisk, call);
  await until("the second one waits", () =>
    call.statuses.includes("waits for another process that writes /var/lib/libvirt/images/.os.partial"),
  );
  child!.kill("SIGKILL");
  await create;
  expectCompleteOsDisk();
});

test("a seed whose building was interrupted is built by the next try", async () => {
  const tool = ["genisoimage", "xorriso", "mkisofs"].find(
    (name) => host.run("bash", "-c", `command -v ${name} || true`).trim() !== "",
  );
  halfway = standHalfway(host, tool!, "-volid");
  inChild("libvirt:index:CloudInitDisk", seed, "seed");
  await halfway.reached();
  child!.kill("SIGKILL");
  await until("the host has cleaned up", () => !existsSync(`${host.poolDir}/.seed.iso.partial`));
  expect(inPool()).toEqual(["base.qcow2"]);
  expect(host.run("bash", "-c", "ls -A /tmp")).not.toContain("tmp.");
  halfway.end();
  halfway = undefined;
  const made = await seeds.create(host.config, seed, callOf("seed"));
  expect((await seeds.read(host.config, made.id, callOf("seed"), { inputs: seed, state: made.state }))?.inputs).toEqual(
    seed,
  );
});
