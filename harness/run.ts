import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The repository's folder; programs run in it. */
export const root = fileURLToPath(new URL("../", import.meta.url));

/** How a program ended, and what it said. */
export interface Done {
  readonly status: number;
  readonly stdout: string;
  /** Standard output and standard error in the order of their arrival. */
  readonly output: string;
}

/** Runs a program to its end, as runBytes does; what it says is text. */
export async function run(command: readonly string[], seconds: number): Promise<Done> {
  const { status, stdout, output } = await runBytes(command, seconds);
  return { status, stdout: stdout.toString("utf8"), output };
}

/** Runs a program to its end; after `seconds` it is ended, and its status is 124. */
export function runBytes(
  command: readonly string[],
  seconds: number,
): Promise<{ status: number; stdout: Buffer; stderr: string; output: string }> {
  return new Promise((resolve, reject) => {
    const [program = "", ...args] = command;
    const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const stdout: Buffer[] = [];
    let [stderr, output, late] = ["", "", false];
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
      // Others may hold their other ends: an ssh that shares its connection,
      // for as long as it takes that one to be given up.
      child.stdout.destroy();
      child.stderr.destroy();
    }, seconds * 1000);
    child.stdout.on("data", (bytes: Buffer) => {
      stdout.push(bytes);
      if (output.length < 100_000) output += bytes.toString("utf8");
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      output += text;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      if (late) output += `\nended after ${seconds} s without an answer`;
      resolve({
        status: late ? 124 : (code ?? 128),
        stdout: Buffer.concat(stdout),
        stderr: late ? `no answer within ${seconds} s` : stderr,
        output,
      });
    });
  });
}
