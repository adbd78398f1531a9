import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { messageOf } from "../../messageOf.ts";
import { Refused } from "../../refused.ts";
import { repository } from "./pulumiCommand.ts";

/**
 * The stack that a command is about: the one that is named; else PULUMI_STACK; else the
 * one that `pulumi stack select` chose in this repository.
 * @throws Refused when there is none of them
 */
export function stackName(named: string | undefined): string {
  const chosen = named || process.env.PULUMI_STACK;
  if (chosen) return chosen;
  const { error, status, stdout, stderr } = spawnSync("pulumi", ["stack", "--show-name", "--non-interactive"], {
    cwd: repository,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 20_000,
    killSignal: "SIGKILL",
  });
  const selected = stdout?.trim();
  if (status === 0 && selected) return selected;
  const said = error
    ? messageOf(error)
    : stderr
        .trim()
        .replace(/^error: /, "")
        .split("\n")[0];
  throw new Refused(
    `no stack is named, and Pulumi does not say which one is selected (${said}): say --stack <env>, or set ` +
      `PULUMI_STACK, or \`pulumi stack select <env>\` in ${repository}. ` +
      `Stack files there: ${stackFiles().join(", ") || "none"}`,
  );
}

/** Names of the stacks that have a file here. */
export function stackFiles(): readonly string[] {
  return readdirSync(`${repository}stacks`).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
}
