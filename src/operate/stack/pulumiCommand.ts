import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** This repository, where Pulumi finds the project: commands work from any directory. Ends with a slash. */
export const repository = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * Runs Pulumi on a stack and gives its output, all of it; where `show` is given, lines appear as they come.
 * @throws with the last lines, when it failed.
 */
export function pulumi(stack: string, args: readonly string[], show?: (text: string) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const [command = "", ...rest] = args;
    const child = spawn("pulumi", [command, ...rest, "--stack", stack, "--non-interactive", "--color", "never"], {
      cwd: repository,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        show?.(text);
      });
    }
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) return resolve(output);
      reject(new Error(`pulumi ${args.join(" ")} failed:\n${output.trim().split("\n").slice(-25).join("\n")}`));
    });
  });
}

/** What Pulumi said, or why it said nothing. `answered`: it ran to its end, and refused. */
export type Answer = { readonly said: string } | { readonly why: string; readonly answered: boolean };

/** The first line of why Pulumi said nothing, for a sentence. */
export const whyShortly = (why: string): string => why.replace(/^error: /, "").split("\n")[0] ?? "";

/**
 * Has Pulumi do something small, within so many seconds.
 * @param input what it reads, a secret for example
 * @param cwd the directory of another project than this repository's
 */
export function askPulumi(args: readonly string[], seconds: number, input?: string, cwd = repository): Answer {
  const { error, status, stdout, stderr } = spawnSync("pulumi", [...args, "--non-interactive"], {
    cwd,
    encoding: "utf8",
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    ...(input !== undefined && { input }),
    timeout: seconds * 1000,
    // An exported state is that long.
    maxBuffer: 256 << 20,
    killSignal: "SIGKILL",
  });
  const code = error && "code" in error ? error.code : undefined;
  if (code === "ETIMEDOUT") return { why: `no answer within ${seconds} s`, answered: false };
  if (code === "ENOENT")
    return {
      why: "there is no `pulumi` on PATH; `. toolchain/env.sh` puts one there, also without the Internet",
      answered: false,
    };
  if (error) return { why: error.message, answered: false };
  if (status === 0) return { said: stdout };
  return { why: stderr.trim() || `pulumi ended with status ${status}`, answered: true };
}
