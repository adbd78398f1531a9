/** One child process with its output, in a process group of its own. */
import { spawn } from "node:child_process";

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly outcome: "ended" | "aborted" | "late";
}

export interface SpawnOptions {
  readonly stdin: string;
  readonly signal: AbortSignal;
  /** Seconds; 0: none. */
  readonly deadline: number;
  readonly onLine?: (line: string) => void;
}

/** Milliseconds between the polite signal and the last one. */
const grace = 5_000;

/**
 * Runs a command to its end. Standard input stays open after `stdin` was
 * written: its end tells the other side that we are gone.
 * Rejects only when the command cannot be started.
 */
export async function runSpawned(command: readonly [string, ...string[]], options: SpawnOptions): Promise<Ended> {
  const [file, ...args] = command;
  const child = spawn(file, args, { detached: true, stdio: ["pipe", "pipe", "pipe"] });
  const stdout: Buffer[] = [];
  let stderr = "";
  let rest = "";
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-20_000);
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) options.onLine?.(line);
  });
  // A child that ends without reading is told apart by its exit code.
  child.stdin.on("error", () => undefined);
  child.stdin.write(options.stdin);

  let outcome: Ended["outcome"] = "ended";
  let killer: NodeJS.Timeout | undefined;
  const end = (why: "aborted" | "late") => {
    if (outcome !== "ended") return;
    outcome = why;
    killGroup(child.pid, "SIGTERM");
    killer = setTimeout(() => killGroup(child.pid, "SIGKILL"), grace);
  };
  const onAbort = () => end("aborted");
  const timer = options.deadline > 0 ? setTimeout(() => end("late"), options.deadline * 1000) : undefined;
  options.signal.addEventListener("abort", onAbort, { once: true });
  if (options.signal.aborted) onAbort();
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", () => child.stdin.destroy());
      child.once("close", (status) => resolve(status ?? 254));
    });
    return { code, stdout: Buffer.concat(stdout).toString("utf8"), stderr, outcome };
  } finally {
    clearTimeout(timer);
    clearTimeout(killer);
    options.signal.removeEventListener("abort", onAbort);
  }
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: it ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
