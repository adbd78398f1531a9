import { spawn } from "node:child_process";
import type { Command } from "commander";
import { repository } from "../stack/pulumiCommand.ts";

/**
 * Words of the commands that measure. They are programs of their own beside this one, which stand on it; they read
 * their options, and say their help, themselves.
 * @param end what is done with their exit status
 */
export function measuring(top: Command, end: (status: number) => void): void {
  top
    .command("bench")
    .helpGroup("How fast it is:")
    .usage("--help")
    .description("how fast the disks of a client are, beside disks without a mirror; it writes over their volumes")
    .allowUnknownOption()
    .allowExcessArguments()
    .helpOption(false)
    .action(async (_: unknown, self: Command) => end(await runProgram("bench/bench.ts", self.args)));
}

/** Runs a program of this clone in this one's place; its exit status. */
function runProgram(path: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    // In a group of its own, so that Ctrl-C reaches none of the scripts that it has at work: it ends when it has taken
    // away what it made.
    const child = spawn(process.execPath, [repository + path, ...args], { stdio: "inherit", detached: true });
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}
