/** One command as a child process in a process group of its own. */
import { spawn } from "node:child_process";
import type { ChildProcess, StdioOptions } from "node:child_process";
import { isUtf8 } from "node:buffer";
import { statSync } from "node:fs";
import type { Readable, Writable } from "node:stream";

export interface ProcessOptions {
  /** Program and its arguments. */
  readonly argv: readonly [string, ...string[]];
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  /** Left out or empty: the command reads /dev/null. */
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
  /** Both streams, chunk by chunk as they came here: of two that were written at once either may be the first. */
  readonly combined: string;
}

/**
 * Puts pipes of the system before and behind the command that it becomes. Node's own pipes are sockets, which no
 * command can open again as /dev/stdin, /dev/stdout or /dev/stderr, as it can under the official plugin. A signal to
 * the group leaves alone what brings the last words; `-p` keeps BASH_ENV out.
 */
const PIPES = [
  "bash",
  "-p",
  "-c",
  `exec > >(trap '' TERM; exec cat >&4 3<&- 5>&-) 2> >(trap '' TERM; exec cat >&5 3<&- 4>&-)
  if [ "$1" = document ]; then exec < <(exec cat <&3 3<&- 4>&- 5>&-); fi
  shift
  exec "$@" 3<&- 4>&- 5>&-`,
  "command",
] as const;

/** Behind the command's own three: its input, and its two outputs. */
const STREAMS: StdioOptions = ["ignore", "ignore", "ignore", "pipe", "pipe", "pipe"];

/** From the first signal to the one that cannot be refused. */
const GRACE_MS = 2000;

/**
 * Runs the command to its end. On an abort its whole process group is ended. Throws when it cannot be started, and, as
 * the official plugin does, when what it has printed is not UTF-8: no state could hold it.
 */
export async function runProcess(options: ProcessOptions): Promise<Ended> {
  const { argv, dir, env, stdin, signal } = options;
  requireDirectory(dir);
  signal.throwIfAborted();
  const [shell, ...pipes] = PIPES;
  const words = [...pipes, stdin ? "document" : "nothing", ...argv];
  const child = spawn(shell, words, { cwd: dir, env, detached: true, stdio: STREAMS });
  const [, , , input, out, err] = child.stdio as unknown as [null, null, null, Writable, Readable, Readable];
  const streams = { stdout: out, stderr: err };
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const combined: Buffer[] = [];
  const collect = (stream: "stdout" | "stderr", into: Buffer[]): void => {
    const lines = lineReader((line) => options.onLine(stream, line));
    streams[stream].on("data", (chunk: Buffer) => {
      into.push(chunk);
      combined.push(chunk);
      lines.push(chunk);
    });
    streams[stream].on("end", () => lines.end());
  };
  collect("stdout", stdout);
  collect("stderr", stderr);
  // A command that does not read its input closes the pipe early: that is its right.
  input.on("error", () => {});
  input.end(stdin ?? "");
  const failure = await ending(child, signal);
  if (failure === undefined) for (const [name, chunks] of Object.entries({ stdout, stderr })) requireText(name, chunks);
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

function requireText(name: string, chunks: readonly Buffer[]): void {
  if (!isUtf8(Buffer.concat(chunks)))
    throw new Error(`what the command has printed on ${name} is not UTF-8: the state cannot hold it`);
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
