import { parseRecord, type CommandRecord, type Ending } from "./commandRecord.ts";
import type { CommandEvent } from "./event.ts";
import type { Entry } from "./journal.ts";

/** A command, with when each mirror has it on record: by its own clock, as its other messages. */
export interface KnownCommand extends CommandEvent {
  readonly stamps: ReadonlyMap<string, { readonly begun?: number; readonly ended?: number }>;
}

/** The commands that the journals have on record, each once, whichever mirrors have its beginning and its end. */
export function commandsIn(journals: ReadonlyMap<string, readonly Entry[]>): readonly KnownCommand[] {
  const found = new Map<string, { at: number; mirror: string; record: CommandRecord }[]>();
  for (const [mirror, entries] of journals)
    for (const { at, source, message } of entries) {
      const record = source === "record" ? parseRecord(message) : undefined;
      if (record) found.set(record.id, [...(found.get(record.id) ?? []), { at, mirror, record }]);
    }
  const commands = [...found.values()].map((records): KnownCommand => {
    const inOrder = records.toSorted((left, right) => left.at - right.at);
    const begun = inOrder.find(({ record }) => record.state === "begins");
    const ended = inOrder.find(({ record }) => record.state !== "begins");
    const first = begun ?? inOrder[0]!;
    const { by, from, text } = first.record;
    const stamps = new Map<string, { begun?: number; ended?: number }>();
    for (const { at, mirror, record } of inOrder)
      stamps.set(mirror, { ...stamps.get(mirror), [record.state === "begins" ? "begun" : "ended"]: at });
    return {
      kind: "command",
      ...{ at: first.at, by, from, text, stamps },
      seenBy: [...stamps.keys()].toSorted(),
      ended: ended && {
        at: ended.at,
        how: ended.record.state as Ending,
        why: begun && ended.record.text.startsWith(`${text}: `) ? ended.record.text.slice(text.length + 2) : "",
      },
    };
  });
  return commands.toSorted((left, right) => left.at - right.at);
}
