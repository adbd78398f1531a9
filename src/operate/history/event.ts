import type { Ending } from "./commandRecord.ts";
import type { Role } from "./roleMessage.ts";

/** What every event has: when it was, in milliseconds since 1970, and which mirrors' journals tell of it. */
interface Told {
  readonly at: number;
  readonly seenBy: readonly string[];
}

/** Volumes of one group to which the same happened at the same time. */
interface OfVolumes {
  /** Undefined for volumes that are in no group of the stack, or no longer. */
  readonly group: string | undefined;
  readonly volumes: readonly string[];
}

/** The role of volumes on a mirror changed. */
export interface RoleEvent extends Told, OfVolumes {
  readonly kind: "role";
  readonly mirror: string;
  readonly from: Role;
  readonly to: Role;
  readonly reason: string;
}

/** The mirrors that tell of it lost or found each other. */
export interface LinkEvent extends Told, OfVolumes {
  readonly kind: "lost" | "found";
  /** What the peer was at that moment, by the mirror that saw it. */
  readonly peers: Readonly<Record<string, Role>>;
}

/** A command of an operator; `at` is its beginning. */
export interface CommandEvent extends Told {
  readonly kind: "command";
  readonly by: string;
  readonly from: string;
  readonly text: string;
  /** Undefined: no record says that it has ended. */
  readonly ended: { readonly at: number; readonly how: Ending; readonly why: string } | undefined;
}

/** A mirror booted, or the cluster turned it off. */
export interface MirrorEvent extends Told {
  readonly kind: "boot" | "fenced";
  readonly mirror: string;
  /** Why it was turned off, where the cluster says more than that it was lost. */
  readonly why?: string | undefined;
}

export type HistoryEvent = RoleEvent | LinkEvent | CommandEvent | MirrorEvent;
