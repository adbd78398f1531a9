/**
 * Live migrations in sequences: a command that is interrupted after any of its steps, hosts that die, and what a tired
 * operator types. Whatever comes in whatever order: one guest at most runs, and none with memory or a disk that is
 * older than what it wrote.
 */
import { expect, test } from "vitest";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { deathPhrase, decideMove } from "../../../../src/operate/decide/clientMove.ts";
import { permittedHosts } from "../../../../src/operate/decide/clientPermit.ts";
import { startHost } from "../../../../src/operate/decide/clientStart.ts";
import { anewPhrase, decideLive } from "../../../../src/operate/decide/liveMigration.ts";
import type { MigrationSight } from "../../../../src/operate/observe/migrationSight.ts";
import { clientNamed } from "../../../../src/operate/stack/named.ts";
import { planOf } from "../../render/sample.ts";

const app = clientNamed(makeInventory(planOf()), "app-1");
const hosts = ["kvm-a", "kvm-b"] as const;
type Host = (typeof hosts)[number];
const other = (host: Host): Host => (host === "kvm-a" ? "kvm-b" : "kvm-a");

interface Place {
  readonly power: boolean;
  readonly guest: "off" | "left" | "runs" | "handed over" | "comes in" | "waits";
  /** It ran last when its memory was what it is. */
  readonly current: boolean;
  readonly permit: "here" | "elsewhere" | "incoming";
  /** Its own disk there is half a copy. */
  readonly torn: boolean;
}
interface World {
  readonly "kvm-a": Place;
  readonly "kvm-b": Place;
  readonly admitted: readonly Host[];
  readonly active: Host;
  readonly resumedByHand: boolean;
}

const beginning: World = {
  "kvm-a": { power: true, guest: "runs", current: true, permit: "here", torn: false },
  "kvm-b": { power: true, guest: "off", current: false, permit: "elsewhere", torn: false },
  admitted: ["kvm-a"],
  active: "kvm-a",
  resumedByHand: false,
};

const at = (world: World, host: Host, change: Partial<Place>): World => ({
  ...world,
  [host]: { ...world[host], ...change },
});

/** A guest runs from now on: whoever stands still elsewhere has the memory of before. */
function runs(world: World, host: Host, fresh: boolean): World {
  const { guest, current, torn } = world[host];
  if (world[other(host)].guest === "runs") throw new Error("two guests run");
  if (!fresh && !current) throw new Error(`${guest} on ${host}, and goes on with memory of before`);
  if (fresh && torn) throw new Error(`starts on ${host} from half a copy`);
  if (!world.admitted.includes(host)) throw new Error(`runs on ${host}, where nothing admits it`);
  return at(at(world, other(host), { current: false }), host, { guest: "runs", current: true });
}

/** One step; null: what it does is refused, and the command ends there. */
type Move = (world: World) => World | null;

const powered =
  (host: Host, does: Move): Move =>
  (world) =>
    world[host].power ? does(world) : null;
const permit = (host: Host, change: Partial<Place>): Move =>
  powered(host, (world) => {
    const { guest, torn } = world[host];
    if (change.permit === "here" && torn && change.torn !== false) return null;
    if (change.permit === "incoming" && guest !== "off" && guest !== "left") return null;
    return at(world, host, change);
  });
/** As a host that may be on keeps its permit. */
const forbid = (host: Host, leaving = false): Move =>
  powered(host, (world) =>
    leaving || ["off", "left"].includes(world[host].guest) ? at(world, host, { permit: "elsewhere" }) : null,
  );
const admit =
  (admitted: readonly Host[]): Move =>
  (world) => ({ ...world, admitted });
const end = (host: Host): Move =>
  powered(host, (world) => (world[host].guest === "runs" ? null : at(world, host, { guest: "off", current: false })));
const letGo = (host: Host): Move =>
  powered(host, (world) =>
    ["waits", "handed over"].includes(world[host].guest)
      ? runs(world, host, false)
      : world[host].guest === "runs"
        ? world
        : null,
  );
const start = (host: Host): Move =>
  powered(host, (world) => {
    const { guest, permit: may } = world[host];
    if (guest !== "off" && guest !== "left") return null;
    return may === "here" && world.admitted.includes(host) ? runs(world, host, true) : null;
  });

/** What libvirt and QEMU do, a step at a time; when it is interrupted, libvirt takes back what has not arrived. */
const migration = (from: Host, to: Host): readonly Move[] => [
  (world) =>
    world[to].power && world[from].power && world[to].permit === "incoming" && world.admitted.includes(to)
      ? at(world, to, { guest: "comes in" })
      : null,
  (world) => at(at(world, from, { guest: "handed over" }), to, { current: true }),
  (world) => at(world, to, { guest: "waits" }),
  (world) => at(world, from, { guest: "left", current: false }),
  letGo(to),
];
const interrupted = (world: World): World =>
  hosts.reduce(
    (now, host) => (now[host].guest === "comes in" ? at(now, host, { guest: "off", current: false }) : now),
    world,
  );

const settle = (to: Host, dead: boolean, then: readonly Move[] = []): readonly Move[] => [
  (world) => ({ ...world, active: to }),
  admit([to]),
  ...(dead ? [] : [forbid(other(to))]),
  permit(to, { permit: "here", torn: false }),
  ...then,
];

function sight({ guest, permit: may }: Place): MigrationSight {
  const paused = { state: "paused", reason: "", qemu: "" };
  const said = {
    off: { state: "shut off", reason: "crashed", qemu: "" },
    left: { state: "shut off", reason: "migrated", qemu: "" },
    runs: { state: "running", reason: "booted", qemu: "" },
    "handed over": { ...paused, qemu: "postmigrate" },
    "comes in": { ...paused, qemu: "inmigrate" },
    waits: { ...paused, qemu: "paused" },
  }[guest];
  return { ...said, permit: may, migrating: false, saved: false, attached: [], sizes: [], cpu: "", xml: "" };
}
const seen = (world: World) =>
  new Map(hosts.map((host) => [host, world[host].power ? sight(world[host]) : { unreachable: "no route to host" }]));

/** The steps of `--live`, as goSteps, arriveSteps, staySteps and anewSteps have them. */
function live(world: World, to: Host, confirm: string | undefined): readonly Move[] {
  const move = decideLive({ ...app, host: world.active }, to, seen(world), confirm);
  const from = other(to);
  if (move.kind === "nothing") return [];
  if (move.kind === "stay")
    return [...(move.clear ? [end(from)] : []), ...(move.letGo ? [letGo(to)] : []), ...settle(to, false)];
  if (move.kind === "arrive")
    return [...(move.end ? [end(from)] : []), ...(move.letGo ? [letGo(to)] : []), ...settle(to, false)];
  if (move.kind === "anew") return [end(to), ...settle(to, move.dead.length > 0, [start(to)])];
  return [
    ...(move.clear ? [end(to)] : []),
    forbid(from, true),
    permit(to, { permit: "incoming", torn: true }),
    admit([from, to]),
    ...migration(from, to),
    ...settle(to, false),
  ];
}

/** The steps of `--to` alone, and of `--start` and `--permit`. */
function cold(world: World, to: Host, confirm: string | undefined): readonly Move[] {
  const move = decideMove({ ...app, host: world.active }, to, seen(world), confirm);
  const from = other(to);
  if (move.kind === "nothing") return [];
  const shutDown = powered(from, (now) =>
    now[from].guest === "runs" ? at(now, from, { guest: "off", current: false }) : null,
  );
  const begin = move.kind === "clean" && move.from !== undefined ? [shutDown] : [];
  const dead = move.kind === "after-death";
  return [...begin, ...settle(to, dead).slice(0, -1), permit(to, { permit: "here" }), start(to)];
}
function starts(world: World): readonly Move[] {
  const host = startHost({ ...app, host: world.active }, seen(world)) as Host | undefined;
  return host === undefined ? [] : [forbid(other(host)), permit(host, { permit: "here" }), start(host)];
}
function permits(world: World): readonly Move[] {
  permittedHosts({ ...app, host: world.active }, seen(world));
  return [forbid(other(world.active)), permit(world.active, { permit: "here" })];
}

/** All worlds that a command leaves: whole, refused on the way, or interrupted after any of its steps. */
function outcomes(world: World, command: (world: World) => readonly Move[]): readonly World[] {
  let steps: readonly Move[];
  try {
    steps = command(world);
  } catch {
    return []; // What is refused changes nothing; the words are liveMigration.test.ts's.
  }
  const found: World[] = [];
  let now = world;
  for (const step of steps) {
    found.push(interrupted(now));
    const next = step(now);
    if (next === null) return found;
    for (const host of hosts)
      if (next[host].guest === "runs" && !next.admitted.includes(host))
        throw new Error(`${host} is shut out, and runs`);
    now = next;
  }
  return [...found, now];
}

/** By hand, on a host: what a tired operator types there, and what happens to it. */
function happens(world: World): readonly (readonly [string, readonly World[]])[] {
  return hosts.flatMap((host) => {
    const { power, guest } = world[host];
    const started = start(host)(world);
    const stands = guest === "handed over" || guest === "waits";
    return [
      [`${host} loses its power`, power ? [at(world, host, { power: false, guest: "off", current: false })] : []],
      [`${host} is back`, power ? [] : [at(world, host, { power: true })]],
      [`virsh start on ${host}`, started === null ? [] : [started]],
      [
        `virsh resume on ${host}`,
        stands && !world.resumedByHand && world[other(host)].guest !== "runs"
          ? [
              {
                ...at(at(world, other(host), { current: false }), host, { guest: "runs", current: true }),
                resumedByHand: true,
              },
            ]
          : [],
      ],
    ] as const;
  });
}

function commands(world: World): readonly (readonly [string, readonly World[]])[] {
  return hosts.flatMap((to) => {
    const off = hosts.filter((host) => !world[host].power);
    const phrases = [undefined, anewPhrase(app.name), ...(off.length > 0 ? [deathPhrase(app.name, off)] : [])];
    return phrases.flatMap((confirm) => [
      [`--to ${to} --live ${confirm ?? ""}`, outcomes(world, (now) => live(now, to, confirm))] as const,
      [`--to ${to} ${confirm ?? ""}`, outcomes(world, (now) => cold(now, to, confirm))] as const,
    ]);
  });
}

test("whatever is interrupted, dies or is typed, no guest runs twice or goes on with memory of before", () => {
  const known = new Map<string, readonly string[]>([[JSON.stringify(beginning), []]]);
  const queue: World[] = [beginning];
  const kinds = new Set<string>();
  for (let world = queue.shift(); world !== undefined; world = queue.shift()) {
    const path = known.get(JSON.stringify(world)) ?? [];
    kinds.add(hosts.map((host) => (world as World)[host].guest).join("/"));
    const next = (): readonly (readonly [string, readonly World[]])[] => [
      ...commands(world as World),
      ["--start", outcomes(world as World, starts)],
      ["--permit", outcomes(world as World, permits)],
      ...happens(world as World),
    ];
    let all: ReturnType<typeof next>;
    try {
      all = next();
    } catch (error) {
      throw new Error(`${[...path, (error as Error).message].join("\n  ")}\n${JSON.stringify(world)}`);
    }
    for (const [what, worlds] of all)
      for (const found of worlds) {
        const name = JSON.stringify(found);
        if (known.has(name)) continue;
        known.set(name, [...path, what]);
        queue.push(found);
      }
  }
  // It got everywhere: each state that a migration has was seen.
  for (const kind of ["runs/off", "handed over/off", "handed over/waits", "left/waits", "left/runs", "off/waits"])
    expect(kinds).toContain(kind);
  expect(known.size).toBeGreaterThan(500);
});

test("from every state that an interruption leaves, a command brings the client back to run", () => {
  const worlds = outcomes(beginning, (world) => live(world, "kvm-b", undefined));
  for (const world of worlds) {
    const ways = hosts.flatMap((to) =>
      [undefined, anewPhrase(app.name)].map((confirm) => outcomes(world, (now) => live(now, to, confirm)).at(-1)),
    );
    const settled = ways.filter(
      (end_) =>
        end_ !== undefined &&
        end_[end_.active].guest === "runs" &&
        end_[end_.active].permit === "here" &&
        end_[other(end_.active)].permit === "elsewhere" &&
        end_.admitted.join() === end_.active,
    );
    expect(settled, JSON.stringify(world)).not.toEqual([]);
  }
});
