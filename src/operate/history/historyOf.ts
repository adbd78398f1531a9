import type { Inventory } from "../../inventory/inventory.ts";
import { findPeer } from "../../plan/placement/pair.ts";
import { type Cause, causeOf } from "./causes.ts";
import { commandsIn } from "./commandEvents.ts";
import type { HistoryEvent, LinkEvent, MirrorEvent, RoleEvent } from "./event.ts";
import { folded } from "./folded.ts";
import type { Entry, Journal } from "./journal.ts";
import { type Known, reasonOf } from "./reasonOf.ts";
import { type Role, roleChanges } from "./roleMessage.ts";
import { seenOnce, type Sighting } from "./seenOnce.ts";

type Site = Pick<Inventory, "mirrors" | "groups" | "volumes">;

/** A sighting of DRBD's: a role of `mirror`, or that its peer was lost or found. */
interface Seen extends Sighting {
  readonly kind: "role" | "lost" | "found";
  readonly mirror: string;
  readonly volume: string;
  readonly from: Role;
  readonly to: Role;
}

/**
 * What the journals of the mirrors that answer tell, in order of time: each event once, with its reason. A mirror that
 * does not answer is told of by what the other one saw.
 */
export function historyOf(site: Site, journals: ReadonlyMap<string, Journal>): readonly HistoryEvent[] {
  const entries = new Map([...journals].map(([mirror, journal]) => [mirror, journal.entries] as const));
  const commands = commandsIn(entries);
  const causes = new Map(
    [...entries].map(([mirror, list]) => [mirror, list.flatMap((entry) => causeOf(entry) ?? [])] as const),
  );
  const seen = [...entries].flatMap(([mirror, list]) => list.flatMap((entry) => sightingsOf(site, mirror, entry)));
  const events = seenOnce(seen).map((group) =>
    group[0].kind === "role" ? roleEvent(site, group, { commands, causes }) : linkEvent(site, group),
  );
  return [
    ...folded(events),
    ...commands.map(({ stamps: _, ...event }) => event),
    ...mirrorEvents(entries, causes),
  ].sort((left, right) => left.at - right.at);
}

function sightingsOf(site: Site, observer: string, { at, source, message }: Entry): readonly Seen[] {
  if (source !== "kernel") return [];
  return roleChanges(message).map(({ whose, volume: named, from, to }) => {
    const volume = site.volumes.find(({ device }) => device === `/dev/${named}`)?.name ?? named;
    const kind = to === "Unknown" ? "lost" : from === "Unknown" ? "found" : "role";
    const mirror = whose === "own" ? observer : (findPeer(site.mirrors, observer)?.name ?? "its peer");
    const key = kind === "role" ? [kind, mirror, volume, from, to] : [kind, volume];
    return { at, observer, kind, mirror, volume, from, to, key: key.join(" ") };
  });
}

const observers = (group: readonly Sighting[]): readonly string[] => group.map(({ observer }) => observer).toSorted();

function groupOf(site: Site, volume: string): Site["groups"][number] | undefined {
  return site.groups.find(({ volumes }) => volumes.includes(volume));
}

/** The mirror itself knows best when its role changed. */
function roleEvent(site: Site, seen: readonly [Seen, ...Seen[]], known: Known): RoleEvent {
  const { at, observer, mirror, volume, from, to } = seen.find((one) => one.observer === one.mirror) ?? seen[0];
  const { name: group, volumes: beside = [] } = groupOf(site, volume) ?? { name: undefined };
  const reason = reasonOf({ at, observer, mirror, volume, group, beside, to }, known);
  return { kind: "role", at, mirror, group, volumes: [volume], from, to, reason, seenBy: observers(seen) };
}

function linkEvent(site: Site, seen: readonly [Seen, ...Seen[]]): LinkEvent {
  const [{ at, volume, kind }] = seen;
  return {
    kind: kind === "lost" ? "lost" : "found",
    at,
    group: groupOf(site, volume)?.name,
    volumes: [volume],
    peers: Object.fromEntries(seen.map(({ observer, from, to }) => [observer, kind === "lost" ? from : to])),
    seenBy: observers(seen),
  };
}

/** Boots, which each mirror tells of itself, and mirrors that the cluster turned off. */
function mirrorEvents(
  entries: ReadonlyMap<string, readonly Entry[]>,
  causes: ReadonlyMap<string, readonly Cause[]>,
): readonly MirrorEvent[] {
  const boots = [...entries].flatMap(([mirror, list]) =>
    list
      .filter(({ source, message }) => source === "kernel" && message.startsWith("Linux version "))
      .map(({ at }): MirrorEvent => ({ kind: "boot", at, mirror, seenBy: [mirror] })),
  );
  const fenced = [...causes].flatMap(([observer, list]) =>
    list.flatMap((cause) =>
      cause.kind === "fenced" ? [{ at: cause.at, observer, key: cause.mirror, mirror: cause.mirror }] : [],
    ),
  );
  return [
    ...boots,
    ...seenOnce(fenced).map((group): MirrorEvent => {
      const [{ at, mirror }] = group;
      return { kind: "fenced", at, mirror, seenBy: observers(group), why: whyFenced(mirror, at, causes) };
    }),
  ];
}

/** A failure is told at every step of the cluster until the mirror is off, and by the mirror that leads the cluster. */
function whyFenced(mirror: string, at: number, causes: ReadonlyMap<string, readonly Cause[]>): string | undefined {
  const failures = [...causes.values()]
    .flat()
    .flatMap((cause) => (cause.kind === "failed" && cause.mirror === mirror ? [cause] : []))
    .filter((failure) => failure.at <= at && at - failure.at <= patience);
  return failures.toSorted((one, other) => one.at - other.at).at(-1)?.why;
}

/** Milliseconds from such a failure to the end of the fencing that it is the reason for. */
const patience = 600_000;
