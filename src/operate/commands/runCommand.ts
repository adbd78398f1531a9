import { messageOf } from "../../../plugins/serving/messageOf.ts";
import { Refused } from "../../refused.ts";
import type { Screen } from "../tell/screen.ts";

/** Exit status of every command, beside 0: done, or nothing to do. */
export const exitStatus = {
  /** It broke down, or could not look. The message says at which step. */
  failed: 1,
  /** `status` and `check` alone: something is not as it should be. */
  attention: 2,
  /** Nothing was changed; the message says why, and the way out. */
  refused: 3,
  /** What was typed is no command (EX_USAGE of sysexits.h). */
  usage: 64,
} as const;

/**
 * Runs a command. What it throws is said on stderr after the command's name.
 * @returns the exit status
 */
export async function runCommand(name: string, screen: Screen, body: () => Promise<number | void>): Promise<number> {
  try {
    return (await body()) ?? 0;
  } catch (error) {
    screen.note(`${name}: ${messageOf(error)}`);
    return error instanceof Refused ? exitStatus.refused : exitStatus.failed;
  }
}
