/**
 * The life of a machine by literal `pulumi preview`, `up`, `refresh`,
 * `import` and `destroy`, on a real KVM host by ssh.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { networkUuid } from "../../plugins/libvirt/network/network.ts";
import { Project } from "../engine/project.ts";
import { REPOSITORY } from "../engine/toolchain.ts";
import { standHalfway } from "./halfway.ts";
import { machineProgram, MiB, type Variant } from "./machineProgram.ts";
import { startHost, until } from "./testHost.ts";
import type { TestHost } from "./testHost.ts";

let host: TestHost;
let project: Project;
let sha256: string;

beforeAll(async () => {
  host = startHost("e");
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", `${host.tmpDir}/base.qcow2`, "8M"]);
  execFileSync("qemu-io", ["-c", "write -P 0x5a 0 4M", `${host.tmpDir}/base.qcow2`], { stdio: "ignore" });
  sha256 = createHash("sha256")
    .update(readFileSync(`${host.tmpDir}/base.qcow2`))
    .digest("hex");
  project = await Project.create();
  const settings = join(project.directory, "Pulumi.yaml");
  writeFileSync(
    settings,
    `${readFileSync(settings, "utf8")}    - {name: libvirt, path: ${join(REPOSITORY, "plugins/libvirt")}}\n`,
  );
});
afterAll(async () => {
  try {
    await project.dispose();
  } finally {
    host.down();
  }
});

const program = (variant: Variant = {}): void =>
  project.program(machineProgram(sha256, { uri: host.config.uri, ...variant }));

const lines = (...command: string[]) =>
  host
    .run(...command)
    .split("\n")
    .filter(Boolean);
const ops = async (...args: string[]) =>
  [...(await project.preview(...args))].map(([name, { op }]) => `${op} ${name}`).sort();
const UP = ["up", "--yes", "--skip-preview"] as const;
const unchanged = () => project.succeed("preview", "--expect-no-changes", "--refresh");

test("a first preview knows what can be known and touches nothing", async () => {
  program();
  expect(await ops()).toEqual([
    "create base",
    "create data",
    "create engine-test",
    "create kvm-a",
    "create lan",
    "create os",
    "create seed",
    "create vm",
  ]);
  const { output } = await project.succeed("preview", "--diff");
  const outputs = output
    .slice(output.indexOf("--outputs:--"))
    .split("\n")
    .slice(1, 5)
    .map((line) => line.trim().replace(/ +:/, ":"));
  expect(outputs).toEqual([
    `image: "${sha256}"`,
    `network: "${networkUuid("lan")}"`,
    "restartRequired: false",
    "virtType: [unknown]",
  ]);
  expect(readdirSync(host.poolDir)).toEqual([]);
});

test("up makes everything, keeps the secret, and nothing differs afterwards", async () => {
  const { output } = await project.succeed(...UP);
  expect(output).toContain("8 created");
  expect(host.run("virsh", "domstate", "vm").trim()).toBe("running");
  expect(readdirSync(host.poolDir).sort()).toEqual(["base.qcow2", "vm-data", "vm-os", "vm-seed"]);
  expect(JSON.parse((await project.succeed("stack", "output", "--json")).stdout)).toMatchObject({
    image: sha256,
    virtType: "qemu",
    restartRequired: false,
  });
  expect(output + project.stored()).not.toContain("hush-hush-hush");
  await project.succeed("preview", "--expect-no-changes");
  await unchanged();
});

test("a change shows as the one property it is, edits in place, and leaves what others attached", async () => {
  const foreign =
    "<disk type='network' device='disk'><driver name='qemu' type='raw'/><source protocol='nbd' " +
    "name='r0'><host name='192.0.2.1' port='10809'/></source><target dev='vdx' bus='virtio'/></disk>";
  host.feed(foreign, "virsh", "attach-device", "vm", "/dev/stdin", "--config");
  const id = host.run("virsh", "domid", "vm");
  program({ memory: 80, dataBytes: 12 * MiB });
  const steps = await project.preview();
  expect([...steps].map(([name, step]) => [step.op, name, step.detailedDiff])).toEqual([
    ["update", "data", { capacity: { kind: "update", inputDiff: true } }],
    ["update", "vm", { memory: { kind: "update", inputDiff: true } }],
  ]);
  const { output } = await project.succeed(...UP);
  expect(output).toContain(
    "domain vm on root@10.30.0.2 runs on as it is; at its next start: memory 64 → 80 MiB, disks",
  );
  expect(host.run("virsh", "domid", "vm")).toBe(id);
  expect(host.run("virsh", "domblkinfo", "vm", "vdb")).toMatch(/Capacity: +12582912/);
  expect(host.run("virsh", "dumpxml", "--inactive", "vm")).toContain("protocol='nbd' name='r0'");
  host.run("virsh", "detach-disk", "vm", "vdx", "--config");
  await unchanged();
});

test("a data disk that would shrink or be replaced stops the preview before anything is touched", async () => {
  program({ memory: 80, dataBytes: 4 * MiB });
  expect(await project.fail("preview")).toContain(
    "volume default/vm-data has 12582912 bytes and cannot shrink to 4194304",
  );
  program({ memory: 80, dataBytes: 12 * MiB, dataName: "renamed" });
  expect(await project.fail("preview")).toContain(
    "a data disk is never replaced: default/vm-data (raw) has name vm-data, not renamed",
  );
  program({ memory: 80, dataBytes: 12 * MiB });
  expect(readdirSync(host.poolDir).sort()).toEqual(["base.qcow2", "vm-data", "vm-os", "vm-seed"]);
});

test("drift: a stopped domain, a lost network and a lost seed are seen by refresh and mended by up", async () => {
  host.run("virsh", "destroy", "vm");
  host.run("virsh", "autostart", "--disable", "vm");
  host.run("virsh", "net-destroy", "lan");
  host.run("virsh", "net-undefine", "lan");
  rmSync(`${host.poolDir}/vm-seed`);
  const { output } = await project.succeed("refresh", "--yes", "--skip-preview");
  expect(output).toMatch(/2 deleted/);
  expect(await ops()).toEqual(["create lan", "create seed", "update vm"]);
  await project.succeed(...UP);
  expect(host.run("virsh", "domstate", "vm").trim()).toBe("running");
  expect(lines("virsh", "list", "--autostart", "--name")).toEqual(["vm"]);
  await unchanged();
});

test("drift: a lost domain is made anew on its old disks", async () => {
  writeFileSync(`${host.poolDir}/vm-data`, Buffer.alloc(12 * MiB, "precious"));
  host.run("virsh", "destroy", "vm");
  host.run("virsh", "undefine", "vm");
  await project.succeed("up", "--yes", "--skip-preview", "--refresh");
  expect(host.run("virsh", "domstate", "vm").trim()).toBe("running");
  expect(readFileSync(`${host.poolDir}/vm-data`).subarray(0, 8).toString()).toBe("precious");
  await unchanged();
});

test("drift: a missing data disk is not made anew, by refresh and up, and is used again when it is back", async () => {
  host.run("virsh", "destroy", "vm");
  renameSync(`${host.poolDir}/vm-data`, `${host.tmpDir}/vm-data`);
  const { output } = await project.succeed("refresh", "--yes", "--skip-preview");
  expect(output).toContain(
    "data disk default/vm-data was made on root@10.30.0.2 before and is not in /var/lib/libvirt/images now",
  );
  expect((await project.state()).has("data")).toBe(true);
  expect(await ops()).toEqual(["update data", "update vm"]);
  expect(await project.fail("up", "--yes", "--skip-preview", "--refresh")).toContain(
    "an empty one in its place would stand for its data, so none is made",
  );
  expect(existsSync(`${host.poolDir}/vm-data`)).toBe(false);
  expect(host.run("virsh", "domstate", "vm").trim()).toBe("shut off");
  renameSync(`${host.tmpDir}/vm-data`, `${host.poolDir}/vm-data`);
  await project.succeed("up", "--yes", "--skip-preview", "--refresh");
  expect(host.run("virsh", "domstate", "vm").trim()).toBe("running");
  expect(readFileSync(`${host.poolDir}/vm-data`).subarray(0, 8).toString()).toBe("precious");
  await unchanged();
});

test("a host that cannot be reached fails the refresh and loses nothing of the state", async () => {
  program({ memory: 80, dataBytes: 12 * MiB, uri: host.config.uri.replace("10.30.0.2", "10.30.0.9") });
  expect([...(await project.preview())].map(([name, { op }]) => `${op} ${name}`)).toEqual(["update kvm-a"]);
  await project.succeed(...UP);
  expect(await project.fail("refresh", "--yes", "--skip-preview")).toContain(
    "KVM host root@10.30.0.9 cannot be reached: ssh: connect to host 10.30.0.9 port 22: No route to host",
  );
  expect([...(await project.state()).keys()].sort()).toEqual(["base", "data", "lan", "os", "seed", "vm"]);
  program({ memory: 80, dataBytes: 12 * MiB });
  await project.succeed(...UP);
  await unchanged();
});

test("an up that is killed in the middle of a copy is repaired by the next one", async () => {
  const more =
    `new libvirt.Volume("second", { pool, name: "vm-second", capacity: ${16 * MiB}, ` +
    `format: "qcow2", source: { volume: "base.qcow2" } }, on);`;
  program({ memory: 80, dataBytes: 12 * MiB, more });
  const halfway = standHalfway(host, "qemu-img", "convert");
  try {
    const { pid, done } = project.start(...UP);
    await halfway.reached();
    process.kill(pid, "SIGKILL");
    await done;
    await until("the host has cleaned up", () => !existsSync(`${host.poolDir}/.vm-second.partial`));
  } finally {
    halfway.end();
  }
  expect(existsSync(`${host.poolDir}/vm-second`)).toBe(false);
  await project.succeed("cancel", "--yes");
  await project.succeed(...UP);
  execFileSync("qemu-io", ["-r", "-c", "read -P 0x5a 0 4M", `${host.poolDir}/vm-second`], { stdio: "ignore" });
  await unchanged();
  program({ memory: 80, dataBytes: 12 * MiB });
  await project.succeed(...UP);
  expect(existsSync(`${host.poolDir}/vm-second`)).toBe(false);
});

test("up takes over what an up made whose state was lost, and refuses what is not its own", async () => {
  const exported = join(project.data, "state.json");
  writeFileSync(exported, (await project.succeed("stack", "export", "--show-secrets")).stdout);
  const urns = [...(await project.state()).values()].map(({ urn }) => urn);
  const born = statSync(`${host.poolDir}/vm-data`).birthtimeMs;
  for (const urn of urns.reverse()) await project.succeed("state", "delete", urn, "--yes", "--target-dependents");
  await project.succeed(...UP);
  expect(statSync(`${host.poolDir}/vm-data`).birthtimeMs).toBe(born);
  await unchanged();
  const more = `new libvirt.Volume("thief", { pool, name: "vm-data", capacity: ${12 * MiB}, format: "raw" }, on);`;
  program({ memory: 80, dataBytes: 12 * MiB, more });
  expect(await project.fail(...UP)).toContain(
    'volume default/vm-data on root@10.30.0.2 exists and belongs to resource "data" of kvm-mirror/test: left alone',
  );
  program({ memory: 80, dataBytes: 12 * MiB });
  await project.succeed(...UP);
});

test("import takes a volume that somebody else made", async () => {
  execFileSync("qemu-img", ["create", "-q", "-f", "raw", `${host.poolDir}/older`, "2M"]);
  const provider = (
    JSON.parse((await project.succeed("stack", "export")).stdout) as {
      deployment: { resources: { type: string; urn: string }[] };
    }
  ).deployment.resources.find(({ type }) => type === "pulumi:providers:libvirt");
  await project.succeed(
    "import",
    "libvirt:index:Volume",
    "older",
    "default/older",
    "--provider",
    `kvm-a=${provider!.urn}`,
    "--generate-code=false",
    "--protect=false",
    "--yes",
  );
  const more = `new libvirt.Volume("older", { pool, name: "older", capacity: ${2 * MiB}, format: "raw" }, on);`;
  program({ memory: 80, dataBytes: 12 * MiB, more });
  await unchanged();
});

test("destroy leaves nothing", async () => {
  await project.succeed("destroy", "--yes", "--skip-preview");
  expect(readdirSync(host.poolDir)).toEqual([]);
  expect(lines("virsh", "list", "--all", "--name")).toEqual([]);
  expect(lines("virsh", "net-list", "--all", "--name")).toEqual([]);
  expect(lines("ls", "/var/lib/libvirt")).not.toContain("kvm-mirror");
  expect(lines("ls", "/var/log/libvirt/qemu").filter((name) => name.includes("console"))).toEqual([]);
  const connections = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.startsWith("/usr/bin/ssh") && line.includes(host.keys));
  expect(connections).toEqual([]);
});
