import type { Inventory } from "../../inventory/inventory.ts";
import type { Process, Processes } from "../observe/atWork.ts";
import { viewGroup } from "../observe/groupSight.ts";
import { clusterSeenBy, type Observation, type Seen } from "../observe/observe.ts";
import type { Lock, StateOfPulumi } from "../stack/stateOfPulumi.ts";
import { unequal } from "./sameOnBoth.ts";
import { runs, type Script, scriptsAtWork } from "./scriptsAtWork.ts";

/** All that `kvm-mirror check` looks at. */
export interface Sight {
  /** Name of this machine. */
  readonly machine: string;
  readonly pulumi: StateOfPulumi;
  readonly processes: Processes;
  readonly seen: Observation;
}

/** What is left of an `up` or a command that was killed, as facts. */
export type Leftover =
  | { readonly kind: "lock"; readonly lock: Lock; readonly here: boolean }
  | { readonly kind: "pending"; readonly operations: readonly string[] }
  | { readonly kind: "script"; readonly where: string; readonly at: Place; readonly script: Script }
  | { readonly kind: "pause"; readonly owner: string }
  | { readonly kind: "difference"; readonly words: string }
  | { readonly kind: "group" | "volume"; readonly name: string; readonly mirrors: readonly string[] }
  | { readonly kind: "unknown"; readonly what: string; readonly why: string };

export type Place = "here" | "mirror" | "host";

/** What is at work, and no leftover: somebody waits for it. */
export type AtWork =
  | { readonly kind: "up"; readonly lock: Lock }
  | { readonly kind: "script"; readonly where: string; readonly script: Script };

export interface Check {
  readonly leftovers: readonly Leftover[];
  readonly atWork: readonly AtWork[];
  /** What this machine cannot know, with the reason; nothing is wrong for that. */
  readonly notSeen: readonly string[];
}

/** What a killed `up` or command has left behind; while an `up` is at work, no operation of Pulumi is. */
export function findLeftovers(inventory: Inventory, sight: Sight): Check {
  const { machine, pulumi, processes, seen } = sight;
  const here = "state" in processes.here ? processes.here.state : [];
  const locks = "why" in pulumi.locks ? [] : pulumi.locks;
  const living = locks.filter((lock) => lock.hostname === machine && runs(here, lock.pid, "pulumi"));
  const pending = "why" in pulumi.pending || living.length > 0 ? [] : pulumi.pending;
  const scripts = everyScript(machine, processes);
  return {
    leftovers: [
      ...unknowns(pulumi, processes, seen),
      ...locks
        .filter((lock) => !living.includes(lock))
        .map((lock) => ({ kind: "lock", lock, here: lock.hostname === machine }) as const),
      ...(pending.length === 0
        ? []
        : [{ kind: "pending", operations: pending.map(({ type, name }) => `${type} ${name}`) } as const]),
      ...scripts.filter(({ script }) => !script.awaited).map((found) => ({ kind: "script", ...found }) as const),
      ...pauses(inventory, seen, scripts),
      ...inventory.groups.flatMap(({ name }) =>
        unequal(viewGroup(inventory, seen, name)).map((words) => ({ kind: "difference", words }) as const),
      ),
      ...foreign(inventory, seen),
    ],
    atWork: [
      ...living.map((lock) => ({ kind: "up", lock }) as const),
      ...scripts
        .filter(({ script }) => script.awaited)
        .map(({ where, script }) => ({ kind: "script", where, script }) as const),
    ],
    notSeen:
      "why" in pulumi.locks && pulumi.locks.elsewhere ? [`whether the stack is locked: ${pulumi.locks.why}`] : [],
  };
}

interface Found {
  readonly where: string;
  readonly at: Place;
  readonly script: Script;
}

function everyScript(machine: string, { here, mirrors, hosts }: Processes): readonly Found[] {
  const of = (at: Place, where: string, seen: Seen<readonly Process[]>): Found[] =>
    "state" in seen ? scriptsAtWork(seen.state).map((script) => ({ where, at, script })) : [];
  return [
    ...of("here", machine, here),
    ...[...mirrors].flatMap(([name, seen]) => of("mirror", name, seen)),
    ...[...hosts].flatMap(([name, seen]) => of("host", name, seen)),
  ];
}

/** Who could not be asked may have anything left. */
function unknowns(pulumi: StateOfPulumi, { here, mirrors, hosts }: Processes, seen: Observation): Leftover[] {
  const unknown = (what: string, why: string): Leftover => ({ kind: "unknown", what, why });
  const asked = (
    kind: string,
    name: string,
    processes: Seen<unknown>,
    state: Seen<unknown> | undefined,
  ): Leftover[] => {
    if (state && "unreachable" in state) return [unknown(`${kind} ${name}`, state.unreachable)];
    return "unreachable" in processes ? [unknown(`the scripts at work on ${kind} ${name}`, processes.unreachable)] : [];
  };
  return [
    ...("why" in pulumi.pending ? [unknown("Pulumi's state", pulumi.pending.why)] : []),
    ...("why" in pulumi.locks && !pulumi.locks.elsewhere ? [unknown("Pulumi's lock", pulumi.locks.why)] : []),
    ...("unreachable" in here ? [unknown("the scripts at work on this machine", here.unreachable)] : []),
    ...[...mirrors].flatMap(([name, processes]) => asked("mirror", name, processes, seen.mirrors.get(name))),
    ...[...hosts].flatMap(([name, processes]) => asked("KVM host", name, processes, seen.hosts.get(name))),
  ];
}

/** Pauses of planned switches of which no script is at work: an owner is its group's name and a number. */
function pauses(inventory: Inventory, seen: Observation, scripts: readonly Found[]): Leftover[] {
  const owners = new Set(inventory.mirrors.flatMap(({ name }) => clusterSeenBy(seen, name)?.pausedBy ?? []));
  return [...owners]
    .filter((owner) => {
      const group = owner.replace(/-[0-9a-f]+$/, "");
      return !scripts.some(
        ({ script: { awaited, command } }) =>
          awaited && /^(switch|place)-in-cluster\.sh /.test(command) && command.split(" ").includes(group),
      );
    })
    .map((owner) => ({ kind: "pause", owner }) as const);
}

/** Groups and volumes that mirrors are configured for, and of which the stack knows nothing. */
function foreign(inventory: Inventory, seen: Observation): Leftover[] {
  const found = (kind: "group" | "volume"): Leftover[] => {
    const known = new Set(inventory[`${kind}s`].map(({ name }) => name));
    const mirrorsOf = new Map<string, string[]>();
    for (const [mirror, view] of seen.mirrors)
      for (const { name } of "state" in view ? view.state[`${kind}s`] : [])
        if (!known.has(name)) mirrorsOf.set(name, [...(mirrorsOf.get(name) ?? []), mirror]);
    return [...mirrorsOf].map(([name, mirrors]) => ({ kind, name, mirrors }));
  };
  return [...found("group"), ...found("volume")];
}
