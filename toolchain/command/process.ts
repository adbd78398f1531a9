/** One command as a child process in a process group of its own. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { statSync } from "node:fs";

export interface ProcessOptions {
  /** Program and its arguments. */
  readonly argv: readonly [string, ...string[]];
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  /** Nothing: the command reads an end of file at once. */
  readonly stdin: string | undefined;
  readonly signal: AbortSignal;
  /** Called with each complete line as it comes. */
  readonly onLine: (stream: "stdout" | "stderr", line: string) => void;
}

export interface Ended {
  /** `exit status 3` or `signal: SIGKILL`; undefined: all well. */
  readonly failure: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams in the order in which they came. */
  readonly combined: string;
}

/** From the first signal to the one that cannot be refused. */
const GRACE_MS = 2000;

/** Runs the command to its end. On an abort its whole process group is ended. Throws when it cannot be started. */
export async function runProcess(options: ProcessOptions): Promise<Ended> {
  const { argv, dir, env, stdin, signal } = options;
  requireDirectory(dir);
  signal.throwIfAborted();
  const [program, ...args] = argv;
  const child = spawn(program, args, { cwd: dir, env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const combined: Buffer[] = [];
  const collect = (stream: "stdout" | "stderr", into: Buffer[]): void => {
    const lines = lineReader((line) => options.onLine(stream, line));
    child[stream].on("data", (chunk: Buffer) => {
      into.push(chunk);
      combined.push(chunk);
      lines.push(chunk);
    });
    child[stream].on("end", () => lines.end());
  };
  collect("stdout", stdout);
  collect("stderr", stderr);
  // A command that does not read its input closes the pipe early: that is its right.
  child.stdin.on("error", () => {});
  child.stdin.end(stdin ?? "");
  const failure = await ending(child, signal);
  return { failure, stdout: text(stdout), stderr: text(stderr), combined: text(combined) };
}

/** Waits until the process has ended and its output is read. */
async function ending(child: ChildProcess, signal: AbortSignal): Promise<string | undefined> {
  let killTimer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    killGroup(child, "SIGTERM");
    killTimer = setTimeout(() => killGroup(child, "SIGKILL"), GRACE_MS);
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, killedBy) => {
        if (killedBy !== null) resolve(`signal: ${killedBy}`);
        else resolve(code === 0 ? undefined : `exit status ${code}`);
      });
    });
  } finally {
    clearTimeout(killTimer);
    signal.removeEventListener("abort", stop);
  }
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function requireDirectory(dir: string): void {
  const found = statSync(dir, { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`the directory ${dir} does not exist`);
  if (!found.isDirectory()) throw new Error(`${dir} is not a directory`);
}

/** The official provider drops one newline at the end. */
function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString("utf8").replace(/\n$/, "");
}

/** Splits a stream into lines, however it is cut into chunks. */
export function lineReader(onLine: (line: string) => void): { push(chunk: Buffer): void; end(): void } {
  const decoder = new TextDecoder();
  let rest = "";
  return {
    push(chunk) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line);
    },
    end() {
      rest += decoder.decode();
      if (rest !== "") onLine(rest);
    },
  };
}
