import { z } from "zod";

/** An entry of a mirror's journal that tells of roles, or of who changed something. */
export interface Entry {
  /** By the mirror's clock, in milliseconds since 1970. */
  readonly at: number;
  readonly source: "kernel" | "record" | "sudo" | "unit" | "cluster";
  /** Printable ASCII: whoever wrote it, a terminal takes no orders from it. */
  readonly message: string;
  /** Of systemd's own entries: which unit they are about. */
  readonly unit: string;
}

/** What history.sh prints of a mirror. */
export interface Journal {
  /** When the journal begins, in seconds since 1970; undefined: it is empty. */
  readonly first: number | undefined;
  /** Older entries were left out, because they were too many. */
  readonly cut: boolean;
  readonly entries: readonly Entry[];
  /** Lines that are no entry. */
  readonly unread: number;
}

/** A field that was written twice is a list, and no text: such an entry is not read. */
const EntrySchema = z.object({
  __REALTIME_TIMESTAMP: z.string().regex(/^[0-9]{1,17}$/),
  MESSAGE: z.string(),
  _TRANSPORT: z.string(),
  SYSLOG_IDENTIFIER: z.string().optional(),
  _UID: z.string().optional(),
  UNIT: z.string().optional(),
});

/** Characters of a message that are kept. */
const longest = 1000;

/** A text of somebody else as printable ASCII on one line, of at most so many characters. */
export function printable(text: string, length = longest): string {
  const clean = text.replace(/[^\x20-\x7e]/g, "?");
  return clean.length > length ? `${clean.slice(0, length - 3)}...` : clean;
}

/**
 * Reads what history.sh prints.
 * @throws when it does not begin as it should
 */
export function parseJournal(text: string): Journal {
  const [head = "", ...lines] = text.split("\n");
  const [, first, extent] = /^journal ([0-9]{1,12}|-) (whole|cut)$/.exec(head) ?? [];
  if (first === undefined) throw new Error("its answer does not begin with the line of history.sh: run `pulumi up`");
  const cut = extent === "cut";
  const entries: Entry[] = [];
  let unread = 0;
  for (const [index, line] of lines.entries()) {
    if (line === "" || (cut && index === 0)) continue;
    const entry = parseEntry(line);
    if (entry) entries.push(entry);
    else unread++;
  }
  return { first: first === "-" ? undefined : Number(first), cut, entries, unread };
}

function parseEntry(line: string): Entry | undefined {
  const { data } = EntrySchema.safeParse(jsonOf(line));
  const source = data && sourceOf(data);
  if (!source) return undefined;
  return {
    at: Number(data.__REALTIME_TIMESTAMP) / 1000,
    source,
    message: printable(data.MESSAGE),
    unit: printable(data.UNIT ?? ""),
  };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // It is counted as unread.
    return undefined;
  }
}

/** By what journald knows itself, where that is enough: an identifier is what the writer calls itself. */
function sourceOf(entry: z.infer<typeof EntrySchema>): Entry["source"] | undefined {
  const { _TRANSPORT: transport, SYSLOG_IDENTIFIER: identifier = "", _UID: user } = entry;
  if (transport === "kernel") return "kernel";
  if (identifier === "kvm-mirror-command") return user === "0" ? "record" : undefined;
  if (identifier === "sudo") return "sudo";
  if (identifier === "systemd") return "unit";
  return /^pacemaker-(controld|fenced|schedulerd)$/.test(identifier) ? "cluster" : undefined;
}
