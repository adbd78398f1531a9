import { z } from "zod";
import { keptStacks } from "./lastGood.ts";
import { refuseOtherProgram } from "./otherProgram.ts";
import { askPulumi, whyShortly } from "./pulumiCommand.ts";

/** The stacks of this project, by name. */
export interface KnownStacks {
  readonly names: readonly string[];
  /** Why Pulumi does not say. The names are then of those whose inventory this machine keeps. */
  readonly why?: string;
}

/** `pulumi stack ls --json`; what else it says of a stack is of no concern here. */
const schema = z.array(z.object({ name: z.string() }));

/** Asks Pulumi's backend. @throws when its answer cannot be understood */
export function knownStacks(): KnownStacks {
  refuseOtherProgram("--all is about the stacks of this repository");
  const answer = askPulumi(["stack", "ls", "--json"], 20);
  if ("said" in answer) return { names: schema.parse(JSON.parse(answer.said)).map(({ name }) => name) };
  return { names: keptStacks(), why: whyShortly(answer.why) };
}
