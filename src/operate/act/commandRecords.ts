import { randomBytes } from "node:crypto";
import { hostname, userInfo } from "node:os";
import type { Inventory } from "../../inventory/inventory.ts";
import { messageOf } from "../../../plugins/serving/messageOf.ts";
import { phraseWords } from "../decide/phraseWords.ts";
import { type Ending, recordLine } from "../history/commandRecord.ts";
import { leaveRecord } from "../remote/runScript.ts";

/** The records that a command leaves on both mirrors. Nobody waits for them, and they fail nothing. */
export interface CommandRecords {
  /** The first step is about to be taken. */
  begins(): void;
  /** @param why what went wrong, as the operator was told */
  ended(how: Ending, why?: string): void;
}

export interface RecordedCommand {
  readonly inventory: Inventory;
  readonly words: readonly string[];
  /** The phrase that was typed, if one was. */
  readonly confirm?: string | undefined;
  /** Tells the operator that no mirror is known to have a record. */
  readonly note: (line: string) => void;
}

/** Records of one command, under one id. The end is sent after the beginning, whatever became of that. */
export function commandRecords({ inventory, words, confirm, note }: RecordedCommand): CommandRecords {
  const id = randomBytes(4).toString("hex");
  const by = operator();
  const phrase = confirm === undefined ? undefined : phraseWords(inventory, confirm);
  const text = words.join(" ") + (phrase === undefined ? "" : ` (typed: ${phrase})`);
  // A refusal repeats what was typed.
  const without = (why: string): string => (confirm && phrase ? why.replaceAll(confirm, () => phrase) : why);
  let sent = Promise.resolve();
  const send = (state: "begins" | Ending, said: string): void => {
    const line = recordLine({ id, by, state, text: said });
    sent = sent
      .then(() => leaveRecord(inventory.mirrors, line))
      .catch((error: unknown) =>
        note(`no mirror is known to have it on record that this command ${stateWords(state)}: ${messageOf(error)}`),
      );
  };
  return {
    begins: () => send("begins", text),
    ended: (how, why) => send(how, why === undefined ? text : `${text}: ${without(why)}`),
  };
}

const stateWords = (state: "begins" | Ending): string => (state === "begins" ? "begins" : `has ended (${state})`);

/** login@machine of whoever typed the command, as this machine says: before sudo, where that was used. */
function operator(): string {
  const { SUDO_USER: before } = process.env;
  return `${before ?? loginHere()}@${hostname()}`;
}

function loginHere(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without a name, in a container for example.
    return `uid-${process.getuid?.() ?? "unknown"}`;
  }
}
