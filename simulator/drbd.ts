import { Conn, Disk, Domain, Role, justCreated, resyncOffset } from "./words.ts";
import { type Mirror, type Platter, type World, everyBlock, other, mirrorName } from "./world.ts";
import { uuidCompare } from "./uuidCompare.ts";

/**
 * DRBD 8.4 of one volume: what drbd_state.c, drbd_receiver.c, drbd_nl.c and
 * drbd_worker.c do, for one peer, protocol C and after-sb-… disconnect.
 */

export const suspended = (mirror: Mirror): boolean => mirror.suspendedForFence || mirror.suspendedForData;

/** The connection that a mirror believes to have is not there any more. */
export function broken(world: World, mirror: Mirror): boolean {
  const peer = world.mirrors[other(mirror.index)];
  return !world.replication || peer.domain !== Domain.Running || peer.conn < Conn.Connected;
}

/** drbd_uuid_new_current() */
export function newCurrent(world: World, disk: Platter): void {
  disk.bitmap = disk.current;
  disk.current = world.newGeneration();
}

/** A peer that is Primary without a disk hears of it (receive_uuids()). */
function newCurrentForBoth(world: World, mirror: Mirror): void {
  newCurrent(world, mirror.disk);
  const peer = world.mirrors[other(mirror.index)];
  if (mirror.conn >= Conn.Connected && peer.own < Disk.Inconsistent) peer.effective = mirror.disk.current;
}

/** A new state: sanitize_state(), the metadata's flags as __drbd_set_state() writes them, and after_state_ch(). */
export function enter(
  world: World,
  mirror: Mirror,
  conn: number,
  role: number,
  own: number,
  peerRole: number,
  peerDisk: number,
): void {
  const before = {
    conn: mirror.conn,
    role: mirror.role,
    own: mirror.own,
    peerRole: mirror.peerRole,
    peerDisk: mirror.peerDisk,
  };
  if (conn < Conn.Connected) {
    peerRole = Role.Unknown;
    if (peerDisk > Disk.Unknown || peerDisk < Disk.Inconsistent) peerDisk = Disk.Unknown;
  } else {
    if (own === Disk.Consistent || own === Disk.Outdated) own = Disk.UpToDate;
    if (peerDisk === Disk.Consistent || peerDisk === Disk.Outdated) peerDisk = Disk.UpToDate;
    if (conn === Conn.SyncSource) [own, peerDisk] = [Disk.UpToDate, Disk.Inconsistent];
    if (conn === Conn.SyncTarget) [own, peerDisk] = [Disk.Inconsistent, Disk.UpToDate];
  }
  mirror.conn = conn;
  mirror.role = role;
  mirror.own = own;
  mirror.peerRole = peerRole;
  mirror.peerDisk = peerDisk;
  const attached = own >= Disk.Inconsistent;
  const lone = role === Role.Primary && conn < Conn.Connected && peerDisk > Disk.Outdated;
  const loneBefore = before.role === Role.Primary && before.conn < Conn.Connected && before.peerDisk > Disk.Outdated;
  if (world.fixes.marks && attached && lone && !loneBefore) mirror.suspendedForFence = true;
  const bare = role === Role.Primary && own < Disk.UpToDate && peerDisk < Disk.UpToDate;
  const bareBefore = before.role === Role.Primary && before.own < Disk.UpToDate && before.peerDisk < Disk.UpToDate;
  if (world.fixes.suspendIo && bare && !bareBefore) mirror.suspendedForData = true;
  if (
    own === Disk.UpToDate &&
    peerDisk === Disk.UpToDate &&
    (before.own !== Disk.UpToDate || before.peerDisk !== Disk.UpToDate)
  )
    mirror.crashed = false;

  if (mirror.suspendedForData && (own === Disk.UpToDate || peerDisk === Disk.UpToDate)) mirror.suspendedForData = false;
  if (mirror.suspendedForFence && conn >= Conn.Connected) {
    mirror.generationDue = false;
    mirror.suspendedForFence = false;
    resend(world, mirror);
  }
  if (!suspended(mirror) && conn < Conn.Connected) giveUpInflight(mirror);
  if (attached) {
    const isPrimary = role === Role.Primary || peerRole === Role.Primary;
    if (lostContact(before.peerDisk, peerDisk) && isPrimary && mirror.disk.bitmap === 0 && own >= Disk.UpToDate) {
      if (suspended(mirror)) mirror.generationDue = true;
      else newCurrentForBoth(world, mirror);
    }
    if (
      peerDisk < Disk.Inconsistent &&
      before.peerRole !== Role.Primary &&
      peerRole === Role.Primary &&
      mirror.disk.bitmap === 0 &&
      own >= Disk.UpToDate
    )
      newCurrentForBoth(world, mirror);
    persist(mirror);
  }
  if (mirror.suspendedForFence && peerDisk <= Disk.Outdated) resume(world, mirror);
}

/** What the peer has not confirmed is sent once more. */
function resend(world: World, mirror: Mirror): void {
  const peer = world.mirrors[other(mirror.index)];
  for (let block = 0; mirror.inflight >> block !== 0; block++) {
    if ((mirror.inflight & (1 << block)) !== 0) peer.disk.data[block] = mirror.disk.data[block] ?? 0;
  }
  mirror.inflight = 0;
}

/** What the peer has not confirmed counts as different from now on. */
function giveUpInflight(mirror: Mirror): void {
  mirror.disk.dirty |= mirror.inflight;
  mirror.inflight = 0;
}

/** lost_contact_to_peer_data() */
function lostContact(before: number, after: number): boolean {
  if (
    before >= Disk.Inconsistent &&
    before !== Disk.Unknown &&
    before !== Disk.Outdated &&
    (after < Disk.Inconsistent || after === Disk.Unknown || after === Disk.Outdated)
  )
    return true;
  return before === Disk.Unknown && (after === Disk.Diskless || after === Disk.Outdated);
}

/** The flags in the metadata follow the state. */
function persist(mirror: Mirror): void {
  const { disk } = mirror;
  disk.primary =
    mirror.role === Role.Primary || (mirror.peerDisk < Disk.Inconsistent && mirror.peerRole === Role.Primary);
  disk.consistent = mirror.own > Disk.Inconsistent;
  disk.wasUpToDate = mirror.own > Disk.Outdated;
  disk.peerOutdated = mirror.peerDisk >= Disk.Inconsistent && mirror.peerDisk <= Disk.Outdated;
  disk.crashedPrimary = mirror.crashed;
}

/** I/O that waited for the handler goes on: a new generation first, where one is due (also `drbdadm resume-io`). */
export function resume(world: World, mirror: Mirror): void {
  if (mirror.generationDue && mirror.own >= Disk.Inconsistent) newCurrent(world, mirror.disk);
  mirror.generationDue = false;
  mirror.suspendedForFence = false;
  giveUpInflight(mirror);
}

/** drbd_adm_attach() of a mirror without connection: what its metadata says that its disk is. */
export function attachAlone(world: World, mirror: Mirror): void {
  const { disk } = mirror;
  mirror.crashed = disk.crashedPrimary || (disk.primary && !(mirror.role === Role.Primary && mirror.suspendedForData));
  if (mirror.crashed) disk.dirty = everyBlock;
  const peerDisk = disk.peerOutdated ? Disk.Outdated : Disk.Unknown;
  const own = ownByFlags(disk, peerDisk === Disk.Outdated);
  enter(world, mirror, mirror.conn, mirror.role, own, Role.Unknown, peerDisk);
}

/** What the flags say of a disk. */
function ownByFlags(disk: Platter, peerOutdated: boolean): number {
  if (!disk.consistent) return Disk.Inconsistent;
  if (!disk.wasUpToDate) return Disk.Outdated;
  return peerOutdated ? Disk.UpToDate : Disk.Consistent;
}

/** A mirror notices that its peer is gone. */
export function loseConnection(world: World, mirror: Mirror): void {
  enter(world, mirror, Conn.WFConnection, mirror.role, mirror.own, Role.Unknown, mirror.peerDisk);
  mirror.lostSince = world.now;
  mirror.discard = false;
  world.say(`${mirrorName(mirror.index)} has lost its peer${suspended(mirror) ? "; its I/O stands still" : ""}`);
  disconnected(mirror);
}

/** conn_disconnect(): a Primary whose peer is not known to be outdated runs the handler. */
function disconnected(mirror: Mirror): void {
  if (mirror.role !== Role.Primary || mirror.peerDisk < Disk.Unknown) return;
  // "Not fencing peer, I'm not even Consistent myself."
  if (mirror.own < Disk.Consistent) mirror.suspendedForFence = false;
  else mirror.handler = 1;
}

/** Tells a connected peer of this side's role and disk. */
export function tellPeer(world: World, mirror: Mirror): void {
  const peer = world.mirrors[other(mirror.index)];
  if (mirror.conn < Conn.Connected || broken(world, mirror)) return;
  enter(world, peer, peer.conn, peer.role, peer.own, mirror.role, mirror.own);
}

/** What a side has said while the way was blocked arrives, before anything that it says later. */
export function deliver(world: World, mirror: Mirror): void {
  const peer = world.mirrors[other(mirror.index)];
  if (mirror.conn < Conn.Connected || broken(world, mirror)) return;
  if (mirror.inflight !== 0 && peer.own >= Disk.Inconsistent) resend(world, mirror);
  if (peer.peerDisk === mirror.own && peer.peerRole === mirror.role) return;
  const conn = mirror.own < Disk.Inconsistent ? Conn.Connected : peer.conn;
  enter(world, peer, conn, peer.role, peer.own, mirror.role, mirror.own);
}

/** Both drop the connection, and no longer look for each other. */
function part(world: World, first: Mirror, second: Mirror, bothStop: boolean, why: string): void {
  world.say(`the mirrors part: ${why}`);
  for (const mirror of [first, second]) {
    const conn = mirror === second && !bothStop ? Conn.WFConnection : Conn.StandAlone;
    mirror.discard = false;
    enter(world, mirror, conn, mirror.role, mirror.own, Role.Unknown, mirror.peerDisk);
    disconnected(mirror);
  }
}

/**
 * The mirrors meet: drbd_sync_handshake() on both sides, and what follows from it.
 * @param variant 1: when they part again, the second goes on looking; 2: the
 *   connection breaks when the source has begun and the target does not know
 */
export function handshake(world: World, variant: number): void {
  const [first, second] = variant === 1 ? [world.mirrors[1], world.mirrors[0]] : world.mirrors;
  const bothStop = variant !== 1;
  for (const mirror of world.mirrors) {
    mirror.handler = 0;
    mirror.frozen = false;
  }
  if (first.own < Disk.Inconsistent || second.own < Disk.Inconsistent)
    return connectDiskless(world, first, second, bothStop);
  let hg = uuidCompare(
    { disk: first.disk, role: first.role, crashed: first.crashed },
    { disk: second.disk, role: second.role, crashed: second.crashed },
  );
  if (hg === -1000) return part(world, first, second, bothStop, "unrelated data");
  if ((first.own === Disk.Inconsistent) !== (second.own === Disk.Inconsistent)) {
    const whole = hg === -100 || Math.abs(hg) === 2;
    hg = (first.own > Disk.Inconsistent ? 1 : -1) * (whole ? 2 : 1);
  }
  if (hg === 100) hg = -100;
  if (hg === -100 && first.discard !== second.discard) hg = first.discard ? -1 : 1;
  if (hg === -100) return part(world, first, second, bothStop, "split brain");
  const [source, target] = hg >= 0 ? [first, second] : [second, first];
  if (hg !== 0 && source.own <= Disk.Inconsistent)
    return part(world, first, second, bothStop, "the source is inconsistent");
  if (hg !== 0 && target.role === Role.Primary && target.own >= Disk.Consistent)
    return part(world, first, second, bothStop, "the target is Primary");
  if (first.role === Role.Primary && second.role === Role.Primary)
    return part(world, first, second, bothStop, "both are Primary");
  for (const [mirror, peer] of [
    [first, second],
    [second, first],
  ] as const) {
    if (hg === 0 && peer.own === Disk.Consistent && suspended(mirror) && mirror.generationDue)
      return refuseRebooted(world, mirror);
  }
  if (hg === 0) return connect(world, first, second, Conn.Connected, Conn.Connected);
  source.disk.dirty |= target.disk.dirty;
  if (Math.abs(hg) === 2) source.disk.dirty = everyBlock;
  target.disk.dirty = source.disk.dirty;
  startSync(world, source, target, variant === 2);
}

/** "Aborting Connect, can not thaw IO with an only Consistent peer" */
function refuseRebooted(world: World, mirror: Mirror): void {
  world.say(`${mirrorName(mirror.index)} does not resume with a peer that was restarted: a new generation`);
  newCurrent(world, mirror.disk);
  mirror.generationDue = false;
  disconnected(mirror);
}

function startSync(world: World, source: Mirror, target: Mirror, interrupted: boolean): void {
  const { disk } = source;
  const identity =
    disk.bitmap !== 0 && disk.bitmap !== justCreated ? disk.bitmap + resyncOffset : world.newGeneration();
  if (disk.bitmap !== 0) disk.history = [disk.bitmap, disk.history[0]];
  disk.bitmap = identity;
  if (interrupted) {
    // The target waits for the generation (WFSyncUUID): its data counts as outdated by now.
    connect(world, source, target, Conn.SyncSource, Conn.Connected);
    target.own = Math.min(target.own, Disk.Outdated);
    for (const mirror of world.mirrors) loseConnection(world, mirror);
    return;
  }
  target.disk.current = identity;
  target.disk.bitmap = 0;
  connect(world, source, target, Conn.SyncSource, Conn.SyncTarget);
}

function connect(world: World, first: Mirror, second: Mirror, firstConn: number, secondConn: number): void {
  const [own, peer] = [first.own, second.own];
  world.say(
    `the mirrors connect: ${mirrorName(first.index)} ` +
      `${firstConn === Conn.SyncSource ? "is the source" : "has the same"}`,
  );
  first.discard = second.discard = false;
  enter(world, first, firstConn, first.role, own, second.role, peer);
  enter(world, second, secondConn, second.role, peer, first.role, own);
  first.lostSince = second.lostSince = 0;
}

function connectDiskless(world: World, first: Mirror, second: Mirror, bothStop: boolean): void {
  if (first.role === Role.Primary && second.role === Role.Primary)
    return part(world, first, second, bothStop, "both are Primary");
  for (const [bare, peer] of [
    [first, second],
    [second, first],
  ] as const) {
    // A Primary that has lost its disk takes no other generation than the one it had (receive_uuids()).
    if (
      bare.own < Disk.Inconsistent &&
      bare.role === Role.Primary &&
      bare.effective !== 0 &&
      peer.own >= Disk.Inconsistent &&
      peer.disk.current !== bare.effective
    )
      return part(world, first, second, bothStop, "a Primary without a disk takes no other data");
  }
  for (const [bare, peer] of [
    [first, second],
    [second, first],
  ] as const)
    if (bare.own < Disk.Inconsistent && peer.own >= Disk.Inconsistent) bare.effective = peer.disk.current;
  connect(world, first, second, Conn.Connected, Conn.Connected);
}

/** Copies one block; drbd_resync_finished() after the last. */
export function resync(world: World, source: Mirror, target: Mirror): void {
  for (let block = 0; 1 << block <= everyBlock; block++) {
    if ((source.disk.dirty & (1 << block)) === 0) continue;
    target.disk.data[block] = source.disk.data[block] ?? 0;
    source.disk.dirty &= ~(1 << block);
    break;
  }
  target.disk.dirty = source.disk.dirty;
  if (source.disk.dirty !== 0) return;
  source.disk.history = [source.disk.bitmap, source.disk.history[0]];
  source.disk.bitmap = 0;
  target.disk.current = source.disk.current;
  target.disk.bitmap = 0;
  target.disk.history = [...source.disk.history];
  world.say(`${mirrorName(target.index)} has everything that ${mirrorName(source.index)} has`);
  enter(world, target, Conn.Connected, target.role, Disk.UpToDate, source.role, Disk.UpToDate);
  enter(world, source, Conn.Connected, source.role, Disk.UpToDate, target.role, Disk.UpToDate);
}

/** The disk of a mirror fails (on-io-error detach). */
export function detach(world: World, mirror: Mirror): void {
  if (mirror.own >= Disk.Consistent) mirror.effective = mirror.disk.current;
  const conn = Math.min(mirror.conn, Conn.Connected);
  const peer = world.mirrors[other(mirror.index)];
  const linked = conn >= Conn.Connected && !broken(world, mirror);
  enter(world, mirror, conn, mirror.role, Disk.Diskless, mirror.peerRole, mirror.peerDisk);
  world.say(`${mirrorName(mirror.index)} has no disk any more`);
  if (linked) enter(world, peer, Conn.Connected, peer.role, peer.own, mirror.role, Disk.Diskless);
}

/** `drbdadm attach`. @returns why not */
export function attach(world: World, mirror: Mirror): string | undefined {
  if (mirror.own >= Disk.Inconsistent) return undefined;
  if (!mirror.disk.present || mirror.disk.current === 0) return "there is no disk with metadata";
  const peer = world.mirrors[other(mirror.index)];
  const primary = mirror.role === Role.Primary || mirror.peerRole === Role.Primary;
  if (
    mirror.peerDisk !== Disk.UpToDate &&
    mirror.effective !== 0 &&
    primary &&
    mirror.effective !== mirror.disk.current
  )
    return "only data of the present generation can be attached";
  if (mirror.conn < Conn.Connected) {
    attachAlone(world, mirror);
    return undefined;
  }
  if (broken(world, mirror)) return "the peer does not answer";
  // Negotiated with the peer as at a new connection; a mirror that must not take its data goes without its disk.
  mirror.crashed =
    mirror.disk.crashedPrimary || (mirror.disk.primary && !(mirror.role === Role.Primary && mirror.suspendedForData));
  if (mirror.crashed) mirror.disk.dirty = everyBlock;
  if (peer.own < Disk.Inconsistent) {
    const own = ownByFlags(mirror.disk, mirror.disk.peerOutdated);
    enter(world, mirror, Conn.Connected, mirror.role, own, peer.role, peer.own);
    tellPeer(world, mirror);
    return undefined;
  }
  const hg = uuidCompare(
    { disk: mirror.disk, role: mirror.role, crashed: mirror.crashed },
    { disk: peer.disk, role: peer.role, crashed: peer.crashed },
  );
  if (hg === -1000 || Math.abs(hg) === 100 || (hg > 0 && peer.role === Role.Primary))
    return "the peer takes no such data";
  if (hg === 0) {
    mirror.own = ownByFlags(mirror.disk, mirror.disk.peerOutdated);
    connect(world, mirror, peer, Conn.Connected, Conn.Connected);
    return undefined;
  }
  const [source, target] = hg > 0 ? [mirror, peer] : [peer, mirror];
  source.disk.dirty |= target.disk.dirty;
  if (Math.abs(hg) === 2) source.disk.dirty = everyBlock;
  target.disk.dirty = source.disk.dirty;
  mirror.own = Disk.Inconsistent;
  startSync(world, source, target, false);
  return undefined;
}

/** What the fence-peer handler's exit code makes of a mirror without connection (conn_try_outdate_peer()). */
export function handlerEnded(world: World, mirror: Mirror, code: number): void {
  let { own, peerDisk } = mirror;
  if (code === 3) peerDisk = Disk.Inconsistent;
  else if (code === 4 || code === 7) peerDisk = Disk.Outdated;
  else if (code === 5 && own === Disk.UpToDate) peerDisk = Disk.Outdated;
  else if (code === 6 && mirror.role !== Role.Primary && own > Disk.Outdated) own = Disk.Outdated;
  else return;
  enter(world, mirror, mirror.conn, mirror.role, own, Role.Unknown, peerDisk);
}

/**
 * `drbdadm primary`: drbd_set_role().
 * @param ask runs the fence-peer handler of a Secondary
 * @param forced with --force, which takes an Outdated disk as well, and whatever the handler says
 */
export function promote(world: World, mirror: Mirror, ask: () => number, forced = false): boolean {
  if (mirror.role === Role.Primary) return true;
  if (mirror.conn >= Conn.Connected && broken(world, mirror)) loseConnection(world, mirror);
  if (mirror.conn >= Conn.Connected) {
    if (mirror.peerRole === Role.Primary || (mirror.own < Disk.UpToDate && mirror.peerDisk < Disk.UpToDate))
      return false;
  } else {
    if (mirror.own < (forced ? Disk.Inconsistent : Disk.Consistent)) return false;
    if (mirror.own === Disk.Consistent || mirror.peerDisk >= Disk.Unknown) {
      handlerEnded(world, mirror, ask());
      if (!forced && (mirror.peerDisk > Disk.Outdated || mirror.own < Disk.Consistent)) return false;
      if (mirror.peerDisk > Disk.Outdated) mirror.peerDisk = Disk.Outdated;
    }
  }
  const taken = forced && mirror.own < Disk.Consistent;
  const own = mirror.own === Disk.Consistent || taken ? Disk.UpToDate : mirror.own;
  if (
    taken ||
    ((mirror.conn < Conn.Connected || mirror.peerDisk < Disk.Inconsistent) &&
      mirror.disk.bitmap === 0 &&
      own >= Disk.Inconsistent)
  )
    newCurrent(world, mirror.disk);
  enter(world, mirror, mirror.conn, Role.Primary, own, mirror.peerRole, mirror.peerDisk);
  tellPeer(world, mirror);
  return true;
}

/** `drbdadm secondary`: not while a request waits in the device. */
export function demote(world: World, mirror: Mirror): boolean {
  if (mirror.role !== Role.Primary) return true;
  if (mirror.conn >= Conn.Connected && broken(world, mirror)) loseConnection(world, mirror);
  if (suspended(mirror) && (mirror.inflight !== 0 || world.pending?.mirror === mirror.index)) return false;
  enter(world, mirror, mirror.conn, Role.Secondary, mirror.own, mirror.peerRole, mirror.peerDisk);
  tellPeer(world, mirror);
  return true;
}

/** `drbdadm primary --force` of a new volume: this side's blocks are the ones. */
export function force(world: World, mirror: Mirror): void {
  const peer = world.mirrors[other(mirror.index)];
  mirror.role = Role.Primary;
  newCurrent(world, mirror.disk);
  mirror.disk.dirty = peer.disk.dirty = everyBlock;
  startSync(world, mirror, peer, false);
}
