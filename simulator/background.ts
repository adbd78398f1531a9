import { deliver, loseConnection } from "./drbd/connection.ts";
import { handshake } from "./drbd/handshake.ts";
import { handlerEnded } from "./drbd/role.ts";
import { broken, resume } from "./drbd/state.ts";
import { resync } from "./drbd/sync.ts";
import { settlePending } from "./io.ts";
import { askPeer, leaveMark } from "./peer.ts";
import { handlerCode } from "./rules/fencePeer.ts";
import { promotable } from "./rules/promotable.ts";
import { promoteHere, serve, volumeState } from "./scripts.ts";
import { Conn, Disk, Domain, Role } from "./words.ts";
import { type Mirror, type World, mirrorName, other } from "./world.ts";

/** What goes on without anybody's doing. Each call does one thing of one mirror, if there is one to do. */

/** The kernel: losses noticed, the handler, connections, copying. @returns whether there was something to do */
export function kernelStep(world: World, mirror: Mirror, variant: number): boolean {
  if (mirror.domain !== Domain.Running) return false;
  if (mirror.conn >= Conn.Connected && broken(world, mirror)) {
    loseConnection(world, mirror);
    return true;
  }
  deliver(world, mirror);
  const peer = world.mirrors[other(mirror.index)];
  // ko-count: the peer is there, and has not confirmed a write for too long.
  if (mirror.conn >= Conn.Connected && peer.hanging && mirror.inflight !== 0) {
    loseConnection(world, mirror);
    return true;
  }
  if (mirror.handler !== 0) {
    handlerStep(world, mirror);
    return true;
  }
  // Its kernel still waits for the disk, for all that the connection before had sent.
  if (mirror.hanging || peer.hanging) return false;
  if (
    mirror.conn === Conn.WFConnection &&
    peer.conn === Conn.WFConnection &&
    peer.domain === Domain.Running &&
    world.replication
  ) {
    handshake(world, variant);
    return true;
  }
  if (mirror.conn === Conn.SyncTarget) {
    resync(world, peer, mirror);
    return true;
  }
  if (mirror.conn === Conn.SyncSource) {
    resync(world, mirror, peer);
    return true;
  }
  return false;
}

/**
 * The units: the group that waits for its peer at boot, and watch-peer.sh. @returns whether there was something to do
 */
export function unitStep(world: World, mirror: Mirror): boolean {
  if (mirror.domain !== Domain.Running) return false;
  return (mirror.waiting && bootStep(world, mirror)) || (world.fixes.marks && watchStep(world, mirror));
}

/**
 * fence-peer.sh of a Primary: asks; leaves its mark; ends. What it says counts only if nobody has connected meanwhile.
 */
function handlerStep(world: World, mirror: Mirror): void {
  if (mirror.handler >= 100) {
    const code = mirror.handler - 100;
    mirror.handler = 0;
    world.say(`the handler of ${mirrorName(mirror.index)} ends with ${code}`);
    handlerEnded(world, mirror, code);
    if (code === 1) mirror.frozen = true;
    return;
  }
  if (mirror.handler === 1) {
    const answer = askPeer(world, mirror);
    mirror.handler =
      answer === undefined && world.fixes.marks
        ? 2
        : 100 +
          handlerCode(
            mirror.role === Role.Primary,
            "no",
            () => answer,
            () => world.fixes.marks && world.fixes.markWhenTold && leaveMark(world, mirror),
          );
    return;
  }
  mirror.handler =
    100 +
    handlerCode(
      mirror.role === Role.Primary,
      "no",
      () => undefined,
      () => leaveMark(world, mirror),
    );
}

function watchStep(world: World, mirror: Mirror): boolean {
  if (mirror.conn >= Conn.Connected) {
    mirror.frozen = false;
    if (
      mirror.mark !== 0 &&
      !mirror.marksBroken &&
      mirror.conn === Conn.Connected &&
      mirror.own === Disk.UpToDate &&
      mirror.peerDisk === Disk.UpToDate
    ) {
      mirror.mark = 0;
      return true;
    }
    return false;
  }
  if (mirror.lostSince === 0) mirror.lostSince = world.now;
  if (mirror.role !== Role.Primary || mirror.handler !== 0) return false;
  if (mirror.frozen) {
    const code = handlerCode(
      true,
      "no",
      () => askPeer(world, mirror),
      () => leaveMark(world, mirror),
    );
    if (code !== 3 && code !== 4 && code !== 5) return false;
    mirror.frozen = false;
    resume(world, mirror);
    return true;
  }
  const peer = world.mirrors[other(mirror.index)];
  if (mirror.mark !== 0 && peer.role !== Role.Primary && peer.own === Disk.UpToDate)
    return askPeer(world, mirror) === 4;
  return false;
}

/** group-start.sh --boot, one turn of its loop. */
function bootStep(world: World, mirror: Mirror): boolean {
  const verdict = promotable("--boot", volumeState(mirror));
  if (verdict.peerIsPrimary) {
    mirror.waiting = false;
    mirror.enabled = false;
    return true;
  }
  if (!verdict.ok) return false;
  if (!promoteHere(world, mirror, "no", false)) return false;
  mirror.waiting = false;
  serve(world, mirror);
  return true;
}

/** Lets everything that goes on by itself come to its end. */
export function settle(world: World): void {
  for (let turn = 0; turn < 60; turn++) {
    let worked = false;
    for (const mirror of world.mirrors) worked = kernelStep(world, mirror, 0) || unitStep(world, mirror) || worked;
    settlePending(world);
    if (!worked) return;
  }
}
