/** The connection between two mirrors: made, lost, given up. */
import { Conn, Disk, Role } from "../words.ts";
import { type Mirror, type World, other, mirrorName } from "../world.ts";
import { broken, enter, resend, suspended } from "./state.ts";

/** A mirror notices that its peer is gone. */
export function loseConnection(world: World, mirror: Mirror): void {
  enter(world, mirror, Conn.WFConnection, mirror.role, mirror.own, Role.Unknown, mirror.peerDisk);
  mirror.lostSince = world.now;
  mirror.discard = false;
  world.say(`${mirrorName(mirror.index)} has lost its peer${suspended(mirror) ? "; its I/O stands still" : ""}`);
  disconnected(mirror);
}

/** conn_disconnect(): a Primary whose peer is not known to be outdated runs the handler. */
export function disconnected(mirror: Mirror): void {
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
export function part(world: World, first: Mirror, second: Mirror, bothStop: boolean, why: string): void {
  world.say(`the mirrors part: ${why}`);
  for (const mirror of [first, second]) {
    const conn = mirror === second && !bothStop ? Conn.WFConnection : Conn.StandAlone;
    mirror.discard = false;
    enter(world, mirror, conn, mirror.role, mirror.own, Role.Unknown, mirror.peerDisk);
    disconnected(mirror);
  }
}

export function connect(world: World, first: Mirror, second: Mirror, firstConn: number, secondConn: number): void {
  const [own, peer] = [first.own, second.own];
  world.say(
    `the mirrors connect: ${mirrorName(first.index)} ` +
      `${firstConn === Conn.SyncSource ? "is the source" : "has the same"}`,
  );
  first.discard = second.discard = false;
  enter(world, first, firstConn, first.role, own, second.role, peer);
  enter(world, second, secondConn, second.role, peer, first.role, own);
  first.lostSince = second.lostSince = 0;
  first.heard = second.heard = true; // watch-peer.sh looks more often than DRBD gives a peer up
}
