import { findConcerns } from "../src/operate/concerns.ts";
import { settle } from "./background.ts";
import { begin, endCopy, failover, goOn, recover, resumeClient, shutdownCopy, up } from "./commands.ts";
import { attach } from "./drbd.ts";
import { check } from "./invariants.ts";
import { crash, poolMounted, start } from "./scripts.ts";
import { inventoryOf, observe } from "./sight.ts";
import { Conn, Disk, Domain, Role } from "./words.ts";
import { type Mirror, type World, mirrorName, other, platter } from "./world.ts";

/** At the end of a schedule faults stop, and an operator follows status and the runbooks until all is as it should be. */

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
  world.replication = world.storage = world.management = true;
  for (const host of world.hosts) host.up = host.reachable = true;
  for (const mirror of world.mirrors) {
    mirror.mute = mirror.marksBroken = mirror.failing = false;
    if (mirror.domain === Domain.Frozen) mirror.domain = Domain.Running;
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
  for (const mirror of world.mirrors) if (mirror.own === Disk.Diskless) return bareMirror(world, mirror);
  if (first.conn === Conn.StandAlone || second.conn === Conn.StandAlone) return apart(world);
  if (world.copies.some(({ paused }) => paused) && world.mirrors.some(({ serving }) => serving)) carry(world, "client resume", () => resumeClient(world));
  else carry(world, "pulumi up", () => up(world, false));
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

/** split-brain.md: the applications worked where the group is served. */
function apart(world: World): void {
  const [first, second] = world.mirrors;
  carry(world, "recover", () => recover(world, undefined, false));
  if (first.conn >= Conn.Connected || second.conn >= Conn.Connected) return;
  const keep = second.serving && !first.serving ? 1 : 0;
  for (const copy of [0, 1] as const) if (world.copies[copy].session === other(keep)) endCopy(world, copy);
  if (!carry(world, `recover --keep ${mirrorName(keep)}`, () => recover(world, keep, true))) carry(world, `recover --keep ${mirrorName(other(keep))}`, () => recover(world, other(keep), true));
}

/** replace-a-mirror.md */
function bareMirror(world: World, mirror: Mirror): void {
  if (mirror.disk.present && mirror.disk.current !== 0) {
    const why = attach(world, mirror);
    if (why === undefined) return;
    world.say(`drbdadm attach: ${why}`);
    return restart(world, mirror);
  }
  if (mirror.role === Role.Primary) carry(world, "failover", () => failover(world, "nothing"));
  if (mirror.domain === Domain.Running) crash(world, mirror);
  if (!mirror.disk.present) mirror.disk = platter(0);
  start(world, mirror);
  settle(world);
  carry(world, "recover --keep the other", () => recover(world, other(mirror.index), true));
}

function restart(world: World, mirror: Mirror): void {
  crash(world, mirror);
  start(world, mirror);
}
