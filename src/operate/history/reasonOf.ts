import type { Cause } from "./causes.ts";
import type { KnownCommand } from "./commandEvents.ts";
import type { Role } from "./roleMessage.ts";

/** All that may have changed a role. */
export interface Known {
  readonly commands: readonly KnownCommand[];
  /** What each mirror's journal tells of itself and of the cluster. */
  readonly causes: ReadonlyMap<string, readonly Cause[]>;
}

/** A role that changed, as one mirror's clock has it. */
export interface Change {
  readonly at: number;
  /** The mirror whose role it is, and the one whose clock it is: the peer, where the mirror itself is not asked. */
  readonly mirror: string;
  readonly observer: string;
  readonly volume: string;
  readonly group: string | undefined;
  /** Volumes of the group. */
  readonly beside: readonly string[];
  readonly to: Role;
}

const second = 1000;
/** group-start.sh waits for its peer for 120 s at most, and then for volumes and servers. */
const longestScript = 180 * second;
/** Of a command whose end is on no record. */
const longestCommand = 1800 * second;
/** A record is sent beside the work, and may come after it. */
const late = 15 * second;
/** What the cluster promotes so long after it has turned a mirror off, it promotes because of that. */
const afterFencing = 600 * second;
/** Pacemaker tells of an operation before and after it. */
const beside = 60 * second;

/** Why a role changed: who or what had it changed, as far as the journals tell. */
export function reasonOf(change: Change, known: Known): string {
  const command = known.commands.findLast((one) => covers(one, change) && concerns(one.text, change));
  const by = command && `${command.text.replace(/ \(typed: .*\)$/, ", with a typed phrase,")} by ${command.by}`;
  const cluster = clusterReason(
    change,
    [...known.causes.values()].flat().toSorted((left, right) => left.at - right.at),
  );
  if (cluster !== undefined) return by === undefined || cluster.includes(":") ? cluster : `${by}, by the cluster`;
  const own = known.causes.get(change.mirror) ?? [];
  return by ?? scriptReason(change, own) ?? unitReason(change, own) ?? unknown(change, known);
}

/** Whether the command was at work, by the clock of the mirror that tells of the change where that has it on record. */
function covers({ at, ended, stamps }: KnownCommand, change: Change): boolean {
  const stamp = stamps.get(change.observer);
  const begun = stamp?.begun ?? at;
  const end = stamp?.ended ?? ended?.at ?? begun + longestCommand;
  return change.at >= begun - late && change.at <= end;
}

/** Whether a command with these words may move the volume. */
function concerns(text: string, { group, volume, beside }: Change): boolean {
  const [name, selection = "", ...more] = text.split(" ");
  const ours = ["all", group, volume, ...beside];
  if (name === "switch" || name === "failover") return ours.includes(selection);
  if (name === "recover") return selection === volume;
  if (name === "pulumi") return more.some((word) => word === group);
  return (name === "maintain" && !more.includes("--done")) || (name === "client" && more.includes("--to"));
}

function clusterReason({ at, mirror, volume }: Change, causes: readonly Cause[]): string | undefined {
  const operated = causes.some(
    (cause) =>
      cause.kind === "operation" &&
      cause.mirror === mirror &&
      cause.volume === volume &&
      Math.abs(cause.at - at) <= beside,
  );
  if (!operated) return undefined;
  const fenced = causes.findLast(
    (cause) => cause.kind === "fenced" && cause.mirror !== mirror && cause.at <= at && at - cause.at <= afterFencing,
  );
  return fenced?.kind === "fenced" ? `by the cluster: ${fenced.mirror} was fenced` : "by the cluster";
}

/** The last script that had to do with the volume, where sudo has it on record. */
function scriptReason({ at, volume, group }: Change, causes: readonly Cause[]): string | undefined {
  const script = causes.findLast(
    (cause) =>
      cause.kind === "script" &&
      cause.at - second <= at &&
      at - cause.at <= longestScript &&
      cause.words.slice(1).some((word) => word === group || word === volume || word === "all"),
  );
  if (script?.kind !== "script") return undefined;
  const { words, login } = script;
  const [, meaning] = meanings.find(([pattern]) => pattern.test(words.join(" "))) ?? [];
  return meaning ?? `${words.join(" ")}, as ${login}`;
}

/** What calls of scripts mean; others are shown as they are. */
const meanings: readonly (readonly [RegExp, string])[] = [
  [/^group-start\.sh \S+ --take-over$|^group-stop\.sh \S+ --hand-over$/, "planned switch"],
  [/^group-start\.sh \S+ --peer-/, "failover by hand"],
  [/^group-start\.sh \S+ --last-copy/, "failover by hand, to the last copy"],
  [/^group-start\.sh \S+ --stale-copy/, "failover by hand, to an outdated copy"],
  [/^drbd-first-sync\.sh /, "first synchronisation"],
];

function unitReason({ at, group, to }: Change, causes: readonly Cause[]): string | undefined {
  const last = causes.findLast((cause) => cause.kind === "unit" && cause.group === group && cause.at <= at);
  if (last?.kind !== "unit") return undefined;
  if (to === "Primary") return last.phase === "starting" ? "at boot" : undefined;
  return last.phase === "stopping" ? "at shutdown" : undefined;
}

function unknown({ mirror }: Change, { causes }: Known): string {
  return causes.has(mirror)
    ? "unknown: not by a command of kvm-mirror"
    : `unknown: ${mirror} does not answer, and no command is on record`;
}
