/**
 * DRBD 8.4 of one volume, here and in the files beside: what drbd_state.c, drbd_receiver.c, drbd_nl.c and
 * drbd_worker.c do, for one peer, protocol C and after-sb-… disconnect. This file: states, and what follows from them.
 */
import { Conn, Disk, Domain, Role } from "../words.ts";
import { type Mirror, type Platter, type World, other } from "../world.ts";

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

/** What the peer has not confirmed is sent once more. One whose disk hangs confirms nothing. */
export function resend(world: World, mirror: Mirror): void {
  const peer = world.mirrors[other(mirror.index)];
  for (let block = 0; mirror.inflight >> block !== 0; block++) {
    if ((mirror.inflight & (1 << block)) !== 0) peer.disk.data[block] = mirror.disk.data[block] ?? 0;
  }
  if (!peer.hanging) mirror.inflight = 0;
}

/** What the peer has not confirmed counts as different from now on. */
export function giveUpInflight(mirror: Mirror): void {
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
