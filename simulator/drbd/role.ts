/** Who is Primary, and what the fence-peer handler makes of it. */
import { Conn, Disk, Role } from "../words.ts";
import { type Mirror, type World, everyBlock, other } from "../world.ts";
import { broken, enter, giveUpInflight, newCurrent, resend, suspended } from "./state.ts";
import { loseConnection, tellPeer } from "./connection.ts";
import { startSync } from "./sync.ts";

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

/**
 * `drbdadm secondary`: not while a request waits in the device; what the peer has not answered yet is waited for
 * (drbd_set_role, ap_pending_cnt).
 */
export function demote(world: World, mirror: Mirror): boolean {
  if (mirror.role !== Role.Primary) return true;
  if (mirror.conn >= Conn.Connected && broken(world, mirror)) loseConnection(world, mirror);
  if (suspended(mirror) && (mirror.inflight !== 0 || world.pending?.mirror === mirror.index)) return false;
  const peer = world.mirrors[other(mirror.index)];
  if (mirror.hanging && world.pending?.mirror === mirror.index) return false;
  if (mirror.conn >= Conn.Connected && mirror.inflight !== 0) {
    if (peer.hanging) return false;
    if (peer.own >= Disk.Inconsistent) resend(world, mirror);
    else giveUpInflight(mirror);
  }
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
