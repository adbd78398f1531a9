import { printable } from "./journal.ts";

/** How a command ended, as runCommand.ts tells them apart. */
export type Ending = "done" | "failed" | "refused";

/** A record of a command in a mirror's journal: it begins, or has ended. */
export interface CommandRecord {
  /** The same of beginning and end. */
  readonly id: string;
  /** login@machine, as the operator's machine says. */
  readonly by: string;
  /** Where sshd on the mirror saw the operator. */
  readonly from: string;
  readonly state: "begins" | Ending;
  /** The command's words; behind them what went wrong. */
  readonly text: string;
}

/** The line that command-record.sh reads. */
export function recordLine({ id, by, state, text }: Omit<CommandRecord, "from">): string {
  return `${id} ${printable(by, 100).replaceAll(" ", "_")} ${state}: ${printable(text)}`;
}

/** What command-record.sh has left in the journal; undefined for anything else. */
export function parseRecord(message: string): CommandRecord | undefined {
  const [, id, by, from, state, text] =
    /^([0-9a-f]{8}) (\S+) from (\S+) (begins|done|failed|refused): (.+)$/.exec(message) ?? [];
  if (id === undefined || by === undefined || from === undefined || text === undefined) return undefined;
  return { id, by, from, state: state as CommandRecord["state"], text };
}
