import { deliver } from "./drbd/connection.ts";
import { broken, suspended } from "./drbd/state.ts";
import { Conn, Disk, Domain, Role } from "./words.ts";
import { type Mirror, type World, blocks, hostName, mirrorName, other } from "./world.ts";

/** Mirror at which a client on a host finds the VIP; -1: nowhere. */
export function route(world: World, host: 0 | 1): number {
  if (!world.hosts[host].up) return -1;
  const reaches = (index: 0 | 1): boolean => {
    const mirror = world.mirrors[index];
    return mirror.serving && mirror.domain === Domain.Running && (index === host || world.storage);
  };
  // Where both have it, the near one answers first.
  if (reaches(host)) return host;
  return reaches(other(host)) ? other(host) : -1;
}

/** A session outlives the admission with which it was opened, and dies with the server or the way to it. */
function sessionOf(world: World, host: 0 | 1): number {
  const copy = world.copies[host];
  if (copy.session < 0) return -1;
  const mirror = world.mirrors[copy.session === 0 ? 0 : 1];
  const alive = mirror.serving && mirror.domain === Domain.Running && (mirror.index === host || world.storage);
  if (!alive) copy.session = -1;
  return copy.session;
}

/** A client's QEMU connects to its export. @returns the mirror, or -1 */
export function openExport(world: World, host: 0 | 1): number {
  const open = sessionOf(world, host);
  if (open >= 0) return open;
  const at = route(world, host);
  if (at < 0 || (world.mirrors[at === 0 ? 0 : 1].admits & (1 << host)) === 0) return -1;
  return (world.copies[host].session = at);
}

/** Sessions of a mirror end: its servers stop. */
export function endSessions(world: World, index: number, host?: number): void {
  for (const copy of [0, 1] as const) {
    if (world.copies[copy].session === index && (host === undefined || host === copy)) world.copies[copy].session = -1;
  }
}

/** A client writes a block, or repeats the write that nobody has answered. */
export function write(world: World, host: 0 | 1, block: number): void {
  const copy = world.copies[host];
  if (!copy.on || copy.paused || (world.pending && world.pending.host !== host)) return;
  const at = openExport(world, host);
  if (at < 0) return;
  if (world.pending) {
    world.pending.mirror = at;
  } else {
    world.pending = { mirror: at, host, block, id: ++world.writes };
  }
  settlePending(world);
}

/** Carries the write that is under way as far as it gets now. */
export function settlePending(world: World): void {
  const { pending } = world;
  if (!pending || pending.mirror < 0) return;
  const mirror = world.mirrors[pending.mirror === 0 ? 0 : 1];
  if (!mirror.serving || mirror.domain !== Domain.Running) {
    // The client repeats it wherever it finds the VIP next.
    pending.mirror = -1;
    return;
  }
  if (mirror.role !== Role.Primary || suspended(mirror)) return;
  // One that has become Primary since its disk hangs sends nothing either: the activity log comes first.
  if (mirror.hanging && !mirror.hanging.primary) return;
  const { block, id } = pending;
  const local = mirror.own >= Disk.Inconsistent;
  if (mirror.conn >= Conn.Connected) {
    if (local) mirror.disk.data[block] = id;
    const peer = world.mirrors[other(mirror.index)];
    if (broken(world, mirror)) {
      if (local) mirror.inflight |= 1 << block;
      return;
    }
    deliver(world, mirror);
    deliver(world, peer);
    if (suspended(mirror)) return;
    const remote = peer.own >= Disk.Inconsistent;
    if (mirror.own < Disk.UpToDate && peer.own < Disk.UpToDate) return withoutData(world, mirror);
    if (remote) peer.disk.data[block] = id;
    // Sent to both, and not answered by both: until DRBD gives the peer up, or the own disk answers.
    if (remote && peer.hanging && local) mirror.inflight |= 1 << block;
    if (local && !remote) mirror.disk.dirty |= 1 << block;
    if ((remote && peer.hanging) || (local && mirror.hanging)) return;
    if (!local) peer.disk.dirty |= 1 << block;
    else if (remote) {
      mirror.inflight &= ~(1 << block);
      mirror.disk.dirty &= ~(1 << block);
      peer.disk.dirty = mirror.disk.dirty;
    }
    return acknowledge(world, mirror);
  }
  if (mirror.own < Disk.UpToDate) return withoutData(world, mirror);
  mirror.disk.data[block] = id;
  mirror.disk.dirty |= 1 << block;
  if (mirror.hanging) return;
  acknowledge(world, mirror);
}

/** The device returns EIO; nbd-server does not look at what fsync() says. */
function withoutData(world: World, mirror: Mirror): void {
  const { pending } = world;
  if (!pending || world.fixes.suspendIo) return;
  mirror.cache[pending.block] = pending.id;
  acknowledge(world, mirror);
}

function acknowledge(world: World, mirror: Mirror): void {
  const { pending } = world;
  if (!pending) return;
  world.pending = undefined;
  const { host, block, id } = pending;
  const copy = world.copies[host === 0 ? 0 : 1];
  world.say(
    `write ${id} of the client on ${hostName(host)} to block ${block} is acknowledged by ${mirrorName(mirror.index)}`,
  );
  copy.wrote = true;
  const twin = world.copies[other(host)];
  if (twin.on && twin.wrote && !world.twoCopiesAgreed)
    world.violate(
      `two copies of the client write: on ${hostName(host)}, and the one on ${hostName(other(host))} was never ended`,
    );
  if (mirror.forfeited) return;
  const rival = world.mirrors[other(mirror.index)];
  if (
    rival.domain === Domain.Running &&
    rival.serving &&
    rival.role === Role.Primary &&
    !suspended(rival) &&
    !rival.forfeited
  )
    world.violate(
      `two writers: ${mirrorName(mirror.index)} acknowledges a write while ${mirrorName(rival.index)} serves as well`,
    );
  world.owed[block] = id;
}

/** What a client reads of a block at a mirror; undefined: nothing now. */
export function visible(world: World, mirror: Mirror, block: number): number | undefined {
  if (mirror.domain !== Domain.Running || mirror.role !== Role.Primary || suspended(mirror)) return undefined;
  const cached = mirror.cache[block] ?? 0;
  if (cached !== 0) return cached;
  if (mirror.own === Disk.UpToDate) return mirror.disk.data[block];
  const peer = world.mirrors[other(mirror.index)];
  return mirror.conn >= Conn.Connected && !broken(world, mirror) && peer.own === Disk.UpToDate
    ? peer.disk.data[block]
    : undefined;
}

/** What was acknowledged and is not on this disk is no longer owed: somebody took that upon himself in words. */
export function forgive(world: World, mirror: Mirror): void {
  for (let block = 0; block < blocks; block++)
    world.owed[block] = Math.min(world.owed[block] ?? 0, mirror.disk.data[block] ?? 0);
}
