import type { Screen } from "../tell/screen.ts";

/** What every command is given: the stack's name as it was typed, if it was, and where to show things. */
export interface Common {
  readonly stack: string;
  readonly screen: Screen;
}

/** The same for a command that changes something. */
export interface Acting extends Common {
  /** Only say what would be done. */
  readonly dryRun: boolean;
  /** The command's name, arguments and options as they were typed, without a phrase: for its record. */
  readonly words: readonly string[];
}
