import * as pulumi from "@pulumi/pulumi";
import { configOf } from "../check/configOf.ts";
import { notesOf } from "../check/notes.ts";
import type { Notify } from "../config/monitoring/notify.ts";
import { ConfigError, type Problem } from "../config/problem.ts";
import { makePlan } from "../plan/makePlan.ts";
import type { Plan } from "../plan/plan.ts";
import { deriveKeys, type Keys } from "../plan/secrets.ts";
import { givenArgs } from "./pairArgs.ts";

/** Everything that is decided of a pair before anything is declared. */
export interface DecidedPair {
  readonly plan: Plan;
  readonly keys: Keys;
  readonly notify: Notify | undefined;
  /** What holds although the arguments say something else. */
  readonly notes: readonly string[];
}

/**
 * The name of a pair for what it has on KVM hosts and mirrors, and for `kvm-mirror --stack`: as it would have as a
 * stack of its own. Pairs have no dot in their names, so that no two can meet.
 */
export const siteName = (stack: string, pair: string): string => `${stack}.${pair}`;

/**
 * Reads and checks the arguments of a pair, and makes its plan.
 * @throws pulumi.RunError, which is shown as its message alone, when there is a mistake in them
 */
export async function decidePair(
  name: string,
  args: Readonly<Record<string, unknown>>,
  program: { readonly project: string; readonly stack: string },
): Promise<DecidedPair> {
  try {
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name))
      throw new ConfigError([
        { key: "its name", value: name, text: "is none for networks and files; use letters, digits, _ and -" },
      ]);
    const { texts, secret } = await givenArgs(args);
    const config = configOf(texts, secret);
    const site = { project: program.project, stack: siteName(program.stack, name) };
    return {
      plan: makePlan(config, site),
      keys: deriveKeys(config.secret, config.keyGeneration, site),
      notify: config.monitoring.notify,
      notes: notesOf(config).map(asArgument),
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new pulumi.RunError(mistakesOf(name, error.problems));
  }
}

/** One message with all mistakes. */
function mistakesOf(name: string, problems: readonly Problem[]): string {
  const { message } = new ConfigError(problems);
  return asArgument(message.replace("The stack's configuration", `MirrorPair ${name}`));
}

/** Keys of a stack file have a prefix that arguments have not. */
export const asArgument = (text: string): string => text.replaceAll("kvm-mirror:", "");
