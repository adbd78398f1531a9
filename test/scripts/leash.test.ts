/** Scripts of the operator's machine end when whoever started them is gone: scripts/operator/lib/leash.sh. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";

const library = resolve(import.meta.dirname, "../../scripts/operator/lib/mirror-ssh.sh");
let directory: string;
const started: ChildProcess[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kvm-mirror-leash-"));
  // It waits as one does whose ssh hangs, in a child of a child; pids are on record once they are there.
  write(
    "script.sh",
    `set -euo pipefail\n. ${library}\necho $$ >$D/inner\n(sleep 600 & echo $! >$D/sleep; wait) || true`,
  );
  // What starts it, as the official command plugin does, and stays when pulumi is killed.
  write("plugin", `setsid bash -c 'bash "$D/script.sh" & echo $! >$D/outer; wait' &\nwait`);
});
afterEach(async () => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
  for (const name of ["outer", "inner", "sleep"]) if (written(name) && runs(name)) process.kill(pid(name), "SIGKILL");
  rmSync(directory, { recursive: true });
});

function write(name: string, text: string): void {
  writeFileSync(join(directory, name), `#!/bin/bash\n${text}\n`);
  chmodSync(join(directory, name), 0o755);
}

function start(command: string, ...args: string[]): ChildProcess {
  const child = spawn(command, args, {
    cwd: directory,
    env: { ...process.env, D: directory, PATH: `${directory}:${process.env.PATH}` },
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A script that is gone reads nothing any more: what is expected of it shows in its exit status and output.
  child.stdin?.on("error", () => undefined);
  started.push(child);
  return child;
}

const written = (name: string): boolean =>
  existsSync(join(directory, name)) && readFileSync(join(directory, name), "utf8").endsWith("\n");
const pid = (name: string): number => Number(readFileSync(join(directory, name), "utf8"));

function runs(name: string): boolean {
  try {
    return !/^\d+ \(.*\) Z /.test(readFileSync(`/proc/${pid(name)}/stat`, "utf8"));
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

async function until(what: string, condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !condition(); await pause(50))
    if (Date.now() > end) throw new Error(`${what}: not within a minute`);
}

async function ended(child: ChildProcess, stdin = ""): Promise<{ code: number | null; stdout: string }> {
  const stdout: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stdin?.end(stdin);
  const code = await new Promise<number | null>((done) => child.on("close", done));
  return { code, stdout: Buffer.concat(stdout).toString() };
}

test("arguments, stdin, output and exit status are the script's, and nothing keeps its output open", async () => {
  write("other.sh", `set -euo pipefail\n. ${library}\nprintf '%s|' "$@"\ncat\nexit 7`);
  const run = start("bash", "./other.sh", "two words", "", "$HOME");
  expect(await ended(run, "a document")).toEqual({ code: 7, stdout: "two words||$HOME|a document" });
});

test("a script that is killed takes with it what it has started, and its reader waits no longer", async () => {
  const run = start("bash", join(directory, "script.sh"));
  await until("the script waits", () => written("sleep"));
  run.kill("SIGKILL");
  await ended(run);
  await until("its children are gone", () => !runs("inner") && !runs("sleep"));
});

test("a signal to the script ends it all, with a status that says so", async () => {
  const run = start("bash", join(directory, "script.sh"));
  await until("the script waits", () => written("sleep"));
  run.kill("SIGTERM");
  expect((await ended(run)).code).toBe(143);
  await until("its children are gone", () => !runs("inner") && !runs("sleep"));
});

test("a script ends when pulumi is killed, although the plugin that started it lives on", async () => {
  write("pulumi", "plugin &\nwait");
  const pulumi = start("pulumi");
  await until("the script waits", () => written("sleep"));
  pulumi.kill("SIGKILL");
  await until("all is gone", () => !runs("outer") && !runs("inner") && !runs("sleep"));
});

test("a shell far above pulumi may go: `nohup pulumi up` outlasts its terminal", async () => {
  write("pulumi", "echo $$ >$D/pulumi.pid\nplugin &\nwait");
  const terminal = start("bash", "-c", "pulumi & wait");
  await until("the script waits", () => written("sleep"));
  terminal.kill("SIGKILL");
  await until("pulumi has another parent", () => {
    const [, parent] = /\) \S (\d+) /.exec(readFileSync(`/proc/${pid("pulumi.pid")}/stat`, "utf8")) ?? [];
    return Number(parent) !== terminal.pid;
  });
  // Longer than its watch takes for a look.
  await pause(3000);
  expect([runs("outer"), runs("inner"), runs("sleep")]).toEqual([true, true, true]);
  process.kill(pid("pulumi.pid"), "SIGKILL");
  await until("all is gone", () => !runs("outer") && !runs("inner") && !runs("sleep"));
});
