import { messageOf } from "../../plugins/serving/messageOf.ts";
import type { World } from "../world.ts";

/**
 * The operator's commands: the real decisions, and after them steps, each of which may
 * be the last one. A step that returns words has failed with them.
 */

export type Steps = (() => string | undefined)[];

/** Words that an operator types: none; those that the refusal printed; or, at once, that a mirror is lost for good. */
export type Typed = "nothing" | "printed" | "last copy";

/** Begins a command. @returns whether it was not refused */
export function begin(world: World, title: string, decide: () => Steps): boolean {
  try {
    const steps = decide();
    world.say(`${title}: ${steps.length} steps`);
    world.command = steps.length === 0 ? undefined : { title, steps };
    return true;
  } catch (error) {
    world.say(`${title}: refused: ${messageOf(error)}`);
    return false;
  }
}

/** The next step of the command under way. */
export function goOn(world: World): void {
  const { command } = world;
  const step = command?.steps.shift();
  if (!command || !step) return;
  const failed = step();
  if (failed !== undefined) world.say(`${command.title}: ${failed}`);
  if (failed !== undefined || command.steps.length === 0) world.command = undefined;
}

/** Tries with what was typed, and with the words that the refusal shows where the operator types those. */
export function insisting<Result>(
  typed: Typed,
  attempt: (confirmed: string | undefined) => Result,
): readonly [Result, string | undefined] {
  try {
    return [attempt(undefined), undefined];
  } catch (error) {
    const words = error instanceof Error ? /--confirm "([^"]+)"/.exec(error.message)?.[1] : undefined;
    if (typed !== "printed" || words === undefined) throw error;
    return [attempt(words), words];
  }
}
