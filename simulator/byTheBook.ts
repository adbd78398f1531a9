import { findConcerns } from "../src/operate/tell/concerns.ts";
import { diagnoseVolume } from "../src/operate/decide/diagnoseVolume.ts";
import { settle } from "./background.ts";
import { endCopy, resumeClient, shutdownCopy } from "./commands/client.ts";
import { begin, goOn } from "./commands/command.ts";
import { failover } from "./commands/failover.ts";
import { recover } from "./commands/recover.ts";
import { up } from "./commands/up.ts";
import { answer, attach } from "./drbd/disk.ts";
import { check } from "./invariants.ts";
import { crash, groupStop, poolMounted, start } from "./scripts.ts";
import { copyOn, inventoryOf, observe } from "./sight.ts";
import { Conn, Disk, Domain, Role } from "./words.ts";
import { type Mirror, type World, mirrorName, other, platter } from "./world.ts";

/**
 * At the end of a schedule faults stop, and an operator follows status and the runbooks until all is as it should be.
 */

const rounds = 16;

/** Leads back; a violation when there is no way back. */
export function byTheBook(world: World): void {
  faultsStop(world);
  let concerns: readonly string[] = [];
  for (let round = 0; round < rounds && world.violation === ""; round++) {
    settle(world);
    check(world);
    concerns = findConcerns(inventoryOf(world), observe(world));
    if (concerns.length === 0) return;
    world.say(`status: ${concerns.join("; ")}`);
    oneRound(world, round);
    check(world);
  }
  world.violate(`no way back to "All is as it should be": ${concerns.join("; ")}`);
}

function faultsStop(world: World): void {
  world.say("faults stop; an operator goes by the book");
  world.command = undefined;
  // What `up` would refuse is taken back: the client is where it is.
  const host = world.copies.findIndex(({ on }) => on);
  if (host >= 0 && !world.copies[world.active].on) world.active = host === 0 ? 0 : 1;
  world.replication = world.storage = world.management = true;
  for (const host of world.hosts) Object.assign(host, { up: true, reachable: true, deaf: false });
  for (const mirror of world.mirrors) {
    mirror.mute = mirror.marksBroken = mirror.failing = mirror.moved = mirror.unseen = false;
    if (mirror.domain === Domain.Frozen) mirror.domain = Domain.Running;
    if (mirror.hanging) answer(world, mirror);
    if (mirror.unmounted && mirror.domain === Domain.Running) crash(world, mirror);
    poolMounted(world, mirror);
  }
}

/** What the runbook says about what status shows. */
function oneRound(world: World, round: number): void {
  const [first, second] = world.mirrors;
  const asleep = world.mirrors.filter(({ domain }) => domain !== Domain.Running);
  if (asleep.length > 0) return asleep.forEach((mirror) => start(world, mirror));
  if (world.copies[0].on && world.copies[1].on) return oneCopy(world);
  if (round > 0 && round % 6 === 0) return restart(world, first.serving ? second : first);
  if (first.role === Role.Primary && second.role === Role.Primary) return onePrimary(world);
  const bare = world.mirrors.filter(({ own }) => own === Disk.Diskless);
  const [worst] = [...bare].sort((one, two) => Number(attachable(two)) - Number(attachable(one)));
  if (worst) return bareMirror(world, worst);
  if (first.conn === Conn.StandAlone || second.conn === Conn.StandAlone) return apart(world);
  if (world.copies.some(({ paused }) => paused) && world.mirrors.some(({ serving }) => serving))
    carry(world, "client resume", () => resumeClient(world));
  // One that no export admits goes on when they do.
  carry(world, "pulumi up", () => up(world, false));
}

function carry(world: World, title: string, decide: Parameters<typeof begin>[2]): boolean {
  if (!begin(world, title, decide)) return false;
  while (world.command) {
    goOn(world);
    settle(world);
    check(world);
  }
  return true;
}

/** "stop one of them now" */
function oneCopy(world: World): void {
  const host = other(world.active);
  if (shutdownCopy(world, host) !== undefined) endCopy(world, host);
}

/**
 * Two Primaries after somebody's wrong word. Of a split brain `recover --keep` stops the
 * losing side's group; where one side is plainly newer, or has no disk,
 * `group-stop.sh` is for the other one, and where that cannot let go, because its I/O stands still, `virsh destroy`.
 */
function onePrimary(world: World): void {
  const copies = world.mirrors.map((mirror) => copyOn(world, mirror));
  const [one, two] = copies;
  if (!one || !two) return;
  const diagnosis = diagnoseVolume(one, two);
  if (diagnosis.kind === "split") return apart(world);
  const stale =
    diagnosis.kind === "down"
      ? diagnosis.mirror
      : "newer" in diagnosis && diagnosis.newer !== undefined
        ? mirrorName(diagnosis.newer === mirrorName(0) ? 1 : 0)
        : mirrorName(world.mirrors[0].serving ? 1 : 0);
  const mirror = world.mirrors[stale === mirrorName(0) ? 0 : 1];
  world.say(`group-stop.sh on ${stale}`);
  if (!groupStop(world, mirror)) restart(world, mirror);
}

/** split-brain.md: the applications worked where the group is served. */
function apart(world: World): void {
  const [first, second] = world.mirrors;
  if (!carry(world, "recover", () => recover(world, undefined, false))) {
    // The refusal names the newer one.
    if (
      carry(world, "recover --keep mirror-a", () => recover(world, 0, false)) ||
      carry(world, "recover --keep mirror-b", () => recover(world, 1, false))
    )
      return;
  }
  if (first.conn >= Conn.Connected || second.conn >= Conn.Connected) return;
  const keep = second.serving && !first.serving ? 1 : 0;
  for (const copy of [0, 1] as const) if (world.copies[copy].session === other(keep)) endCopy(world, copy);
  if (!carry(world, `recover --keep ${mirrorName(keep)}`, () => recover(world, keep, true)))
    carry(world, `recover --keep ${mirrorName(other(keep))}`, () => recover(world, other(keep), true));
}

const attachable = ({ disk }: Mirror): boolean => disk.present && disk.current !== 0;

/** replace-a-mirror.md; both-down.md where the other copy does not know whether it is the newest. */
function bareMirror(world: World, mirror: Mirror): void {
  if (attachable(mirror)) {
    const why = attach(world, mirror);
    if (why === undefined) return;
    world.say(`drbdadm attach: ${why}`);
    return restart(world, mirror);
  }
  if (world.mirrors[other(mirror.index)].conn === Conn.StandAlone)
    return restart(world, world.mirrors[other(mirror.index)]);
  if (mirror.role === Role.Primary) carry(world, "failover", () => failover(world, "nothing"));
  if (mirror.domain === Domain.Running) crash(world, mirror);
  if (!mirror.disk.present) mirror.disk = platter(0);
  const kept = world.mirrors[other(mirror.index)];
  if (kept.own === Disk.Consistent) {
    if (kept.role === Role.Primary) restart(world, kept);
    carry(world, "failover with the words", () => failover(world, "printed"));
  }
  start(world, mirror);
  settle(world);
  carry(world, "recover --keep the other", () => recover(world, other(mirror.index), true));
}

function restart(world: World, mirror: Mirror): void {
  crash(world, mirror);
  start(world, mirror);
}
