import { spawn } from "node:child_process";
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
