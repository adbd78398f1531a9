import { readdirSync } from "node:fs";
import { Refused } from "../../refused.ts";
import { refuseOtherProgram } from "./otherProgram.ts";
import { askPulumi, repository, whyShortly } from "./pulumiCommand.ts";

/**
 * The stack that a command is about: the one that is named; else PULUMI_STACK; else the
 * one that `pulumi stack select` chose in this repository.
 * @throws Refused when there is none of them
 */
export function stackName(named: string | undefined): string {
  const chosen = named || process.env.PULUMI_STACK;
  if (chosen) return chosen;
  refuseOtherProgram("no pair is named: say --stack <stack>.<name of the pair>");
  const answer = askPulumi(["stack", "--show-name"], 20);
  if ("said" in answer && answer.said.trim() !== "") return answer.said.trim();
  const why = "why" in answer ? whyShortly(answer.why) : "none is selected";
  throw new Refused(
    `no stack is named, and Pulumi does not say which one is selected (${why}): say --stack <env>, or set ` +
      `PULUMI_STACK, or \`pulumi stack select <env>\` in ${repository}. ` +
      `Stack files there: ${stackFiles().join(", ") || "none"}`,
  );
}

/** Names of the stacks that have a file here. */
export function stackFiles(): readonly string[] {
  return readdirSync(`${repository}stacks`).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
}
