import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseDocument } from "yaml";
import { shellWord } from "../../plugins/serving/shell.ts";

export const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Result {
  readonly status: number;
  /** Standard output and standard error, in the order of their arrival. */
  readonly output: string;
  readonly stdout: string;
}

interface RunOptions {
  readonly stdin?: string;
  /** Seconds. */
  readonly timeout?: number;
  /**
   * Its output is the test's output, too, as it comes: of what takes minutes one
   * sees where it stands, also when a time-out ends everything.
   */
  readonly shown?: boolean;
}

function run(
  command: string,
  args: readonly string[],
  { stdin, timeout = 600, shown = false }: RunOptions = {},
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ["pipe", "pipe", "pipe"] });
    const timer = setTimeout(() => child.kill("SIGKILL"), timeout * 1000);
    let output = "";
    let stdout = "";
    const hear = (text: string): void => {
      output += text;
      if (shown) process.stderr.write(text);
    };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      hear(text);
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", hear);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ status: code ?? (signal === null ? -1 : 128), output, stdout });
    });
    child.stdin.on("error", () => undefined).end(stdin ?? "");
  });
}

/** Runs a script of lab/. */
export function lab(script: "up.sh" | "down.sh", ...args: string[]): Promise<Result> {
  return run("bash", [`${root}lab/${script}`, ...args], { timeout: 3000, shown: true });
}

/** Runs one of the repository's npm scripts, as a user does. */
export function npm(script: string, ...args: string[]): Promise<Result> {
  return run("npm", ["run", "-s", script, "--", ...args], { timeout: 900, shown: script === "torture" });
}

/** Runs a command on the operator's machine of the lab. */
export function operator(args: readonly string[], options?: RunOptions): Promise<Result> {
  return run("bash", [`${root}lab/operator.sh`, ...args], options);
}

/** Runs pulumi on a lab's stack. */
export function pulumi(args: readonly string[], stack = "lab"): Promise<Result> {
  return operator(["pulumi", ...args, "--stack", stack, "--color", "never", "--non-interactive"], { timeout: 1800 });
}

/**
 * Brings a stack to what its file says with some values changed, by path below
 * `kvm-mirror:`; then a preview must show nothing more to change.
 */
export async function upWith(
  stack: string,
  changes: readonly (readonly [path: readonly string[], value: unknown])[],
): Promise<void> {
  const document = parseDocument(readFileSync(`${root}stacks/Pulumi.${stack}.yaml`, "utf8"));
  for (const [[block, ...path], value] of changes) document.setIn(["config", `kvm-mirror:${block}`, ...path], value);
  const directory = mkdtempSync(join(tmpdir(), "lab-stack-"));
  try {
    const file = join(directory, `Pulumi.${stack}.yaml`);
    writeFileSync(file, document.toString());
    await succeed(pulumi(["up", "--yes", "--config-file", file], stack));
    await succeed(pulumi(["preview", "--expect-no-changes", "--config-file", file], stack));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Runs a shell command on a KVM host of the lab. */
export function onHost(host: "kvm-a" | "kvm-b", command: string, options?: RunOptions): Promise<Result> {
  return operator(
    ["ssh", "-o", "BatchMode=yes", `root@${host === "kvm-a" ? "10.30.0.2" : "10.30.0.3"}`, command],
    options,
  );
}

/** Runs a shell command as root in a guest of the lab. */
export function inGuest(target: string, command: string, options?: RunOptions): Promise<Result> {
  return operator(
    ["ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", target, "sudo", "-n", "bash", "-c", shellWord(command)],
    options,
  );
}

/** The result's standard output; throws with all of its output when the command failed. */
export async function succeed(result: Promise<Result>): Promise<string> {
  const { status, output, stdout } = await result;
  if (status !== 0) throw new Error(`exit status ${status}:\n${output}`);
  return stdout;
}

/**
 * Starts `pulumi up` and kills it (SIGKILL, with everything it started on
 * this machine) as soon as its output shows `point`.
 * @throws when it ends before that.
 */
export function killUpAt(point: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      "bash",
      [`${root}lab/operator.sh`, "pulumi", "up", "--yes", "--stack", "lab", "--color", "never", "--non-interactive"],
      { cwd: root, detached: true, stdio: ["ignore", "pipe", "pipe"] },
    );
    let output = "";
    let killed = false;
    const watch = (text: string): void => {
      output += text;
      if (killed || !point.test(output)) return;
      killed = true;
      killTree(child.pid as number).then(undefined, reject);
    };
    child.stdout.setEncoding("utf8").on("data", watch);
    child.stderr.setEncoding("utf8").on("data", watch);
    child.on("error", reject);
    child.on("close", () =>
      killed ? resolve(output) : reject(new Error(`pulumi up ended before ${point} was seen:\n${output}`)),
    );
  });
}

/** SIGKILL to a process and all its descendants: plugins run in process groups of their own. */
async function killTree(pid: number): Promise<void> {
  const children = await new Promise<string>((resolve) =>
    execFile("ps", ["-eo", "pid=,ppid="], (_, stdout) => resolve(stdout)),
  );
  const parents = new Map(
    children
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]),
  );
  const below = (candidate: number): boolean => {
    for (let at: number | undefined = candidate; at !== undefined && at !== 0; at = parents.get(at))
      if (at === pid) return true;
    return false;
  };
  for (const candidate of [...parents.keys()].filter(below)) {
    try {
      process.kill(candidate, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}
