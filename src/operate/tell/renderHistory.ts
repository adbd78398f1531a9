import type { CommandEvent, HistoryEvent, LinkEvent, RoleEvent } from "../history/event.ts";
import type { Journal } from "../history/journal.ts";
import { timeOf } from "../observe/evidence.ts";
import type { Seen } from "../observe/observe.ts";
import { table } from "./table.ts";

/** What `kvm-mirror history` shows. */
export interface History {
  readonly stack: string;
  /** In seconds since 1970. */
  readonly since: number;
  readonly journals: ReadonlyMap<string, Seen<Journal>>;
  readonly events: readonly HistoryEvent[];
}

/** The history for a person: what is missing in it first, then a line an event. */
export function renderHistory({ stack, since, journals, events }: History): string {
  const missing = missingIn(journals, since).map((line) => `  ! ${line}\n`);
  const rows = events.map((event) => [timeOf(event.at / 1000).slice(0, -" UTC".length), ...cells(event)]);
  return [
    `History of stack ${stack} since ${timeOf(since)}, in UTC\n`,
    ...missing,
    rows.length === 0 ? "  Nothing is on record.\n" : table(rows),
  ].join("");
}

/** The same for a machine. Times are in seconds since 1970. */
export function historyDocument({ stack, since, journals, events }: History): object {
  return {
    stack,
    since,
    missing: missingIn(journals, since),
    events: events.map((event) => ({
      ...event,
      at: event.at / 1000,
      ...(event.kind === "command" && event.ended ? { ended: { ...event.ended, at: event.ended.at / 1000 } } : {}),
    })),
  };
}

/** What the journals do not tell, a sentence each: nothing on record does not mean then that nothing was. */
function missingIn(journals: ReadonlyMap<string, Seen<Journal>>, since: number): readonly string[] {
  return [...journals].flatMap(([mirror, found]) => {
    if ("unreachable" in found)
      return [`${mirror} cannot be asked (${found.unreachable}): this is what the other mirror knows`];
    const { first, cut, entries, unread } = found.state;
    const oldest = cut ? entries[0] && entries[0].at / 1000 : first;
    return [
      ...(first === undefined ? [`the journal of ${mirror} is empty`] : []),
      ...(oldest !== undefined && oldest > since ? [`${mirror} tells of nothing before ${timeOf(oldest)}`] : []),
      ...(unread > 0 ? [`lines of the journal of ${mirror} that cannot be read: ${unread}`] : []),
    ];
  });
}

/** Who or where, and what. */
function cells(event: HistoryEvent): readonly [string, string] {
  switch (event.kind) {
    case "command":
      return [event.by, commandWords(event)];
    case "role":
      return [event.mirror, `${volumesOf(event)}: ${event.from} -> ${event.to}; ${event.reason}${second(event)}`];
    case "lost":
    case "found":
      return [event.seenBy.join(", "), `${volumesOf(event)}: ${linkWords(event)}`];
    case "boot":
      return [event.mirror, "boots"];
    case "fenced":
      return [event.mirror, `was turned off by the cluster${event.why === undefined ? "" : `: ${event.why}`}`];
  }
}

function commandWords({ text, from, ended, at }: CommandEvent): string {
  const words = `${text}; from ${from}; `;
  if (!ended) return `${words}no end on record: at work, or interrupted`;
  const took = ended.how === "done" ? ` in ${Math.max(0, Math.round((ended.at - at) / 1000))} s` : "";
  return `${words}${ended.how}${took}${ended.why === "" ? "" : `: ${ended.why}`}`;
}

/** A role that the mirror itself does not tell of, because it does not answer or was cut off from its journal. */
const second = ({ mirror, seenBy }: RoleEvent): string =>
  seenBy.includes(mirror) ? "" : ` (as ${seenBy.join(", ")} saw it)`;

function linkWords({ kind, seenBy, peers }: LinkEvent): string {
  const [one = "", other] = seenBy;
  if (other === undefined)
    return kind === "lost" ? `lost its peer, which was ${peers[one]}` : `has its peer again, which is ${peers[one]}`;
  const roles = `(${one} ${peers[other]}, ${other} ${peers[one]})`;
  return kind === "lost" ? `lost each other ${roles}` : `have each other again ${roles}`;
}

/** Volumes behind their group, where they have one. */
const volumesOf = ({ group, volumes }: RoleEvent | LinkEvent): string =>
  group === undefined ? volumes.join(", ") : `${group} (${volumes.join(", ")})`;
