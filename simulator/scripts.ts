import { loseConnection } from "./drbd/connection.ts";
import { attachAlone } from "./drbd/disk.ts";
import { demote, promote } from "./drbd/role.ts";
import { broken } from "./drbd/state.ts";
import { endSessions } from "./io.ts";
import { askPeer, leaveMark } from "./peer.ts";
import { type Fenced, handlerCode } from "./rules/fencePeer.ts";
import type { StartMode, VolumeState } from "./rules/promotable.ts";
import { promotable } from "./rules/promotable.ts";
import { hostAnswers } from "./sight.ts";
import { Conn, Disk, Domain, Role, diskWord, roleWord } from "./words.ts";
import { type Mirror, type World, blocks, freshlyBooted, hostName, mirrorName, other } from "./world.ts";

/** What the scripts on mirrors and hosts do to the world. */

export function volumeState(mirror: Mirror): VolumeState {
  return {
    connected: mirror.conn >= Conn.Connected,
    role: roleWord[mirror.role] ?? "",
    peerRole: roleWord[mirror.peerRole] ?? "",
    disk: diskWord[mirror.own] ?? "",
    peerDisk: diskWord[mirror.peerDisk] ?? "",
  };
}

/**
 * `drbdadm primary` under group-start.sh.
 * @param byWord somebody took it upon himself in words that the peer is off
 * @param stale an outdated copy is taken, with --force
 */
export function promoteHere(world: World, mirror: Mirror, fenced: Fenced, byWord: boolean, stale = false): boolean {
  if (mirror.role === Role.Primary) return true;
  const ask = (): number =>
    handlerCode(
      false,
      fenced,
      () => askPeer(world, mirror),
      () => world.fixes.marks && leaveMark(world, mirror),
    );
  const became = promote(world, mirror, ask, stale);
  world.say(`${mirrorName(mirror.index)} ${became ? "becomes" : "does not become"} Primary`);
  if (!became) return false;
  const rival = world.mirrors[other(mirror.index)];
  if (rival.role === Role.Primary && rival.domain !== Domain.Off) {
    if (byWord) rival.forfeited = true;
    // Whoever gave his word before said that it stays off.
    else if (!rival.forfeited)
      world.violate(
        `${mirrorName(mirror.index)} is promoted while ${mirrorName(rival.index)} is ` +
          "Primary and not off, and nobody gave his word for it",
      );
  }
  return true;
}

export function serve(world: World, mirror: Mirror): void {
  mirror.serving = true;
  mirror.enabled = true;
  world.say(`${mirrorName(mirror.index)} serves`);
}

/** group-start.sh: whether it would go on to promote. */
export function startable(world: World, mirror: Mirror, mode: StartMode): boolean {
  if (mirror.domain !== Domain.Running) return false;
  // It waits until DRBD has noticed, or the connection is there.
  if (mirror.conn >= Conn.Connected && broken(world, mirror)) loseConnection(world, mirror);
  return promotable(mode, volumeState(mirror)).ok;
}

/** The VIP answers elsewhere in the storage network. */
export function vipTaken(world: World, mirror: Mirror): boolean {
  const peer = world.mirrors[other(mirror.index)];
  return world.storage && peer.serving && peer.domain === Domain.Running;
}

/** group-stop.sh. @returns whether the volume was let go */
export function groupStop(world: World, mirror: Mirror): boolean {
  mirror.enabled = false;
  mirror.waiting = false;
  withdraw(world, mirror);
  const done = demote(world, mirror);
  world.say(`${mirrorName(mirror.index)} serves no more${done ? "" : ", and stays Primary"}`);
  return done;
}

function withdraw(world: World, mirror: Mirror): void {
  mirror.serving = false;
  endSessions(world, mirror.index);
  for (let block = 0; block < blocks; block++) mirror.cache[block] = 0;
}

/** Until now watch-peer.sh has left a sign of life on the marks disk, where that can be. */
export function lastSign(world: World, mirror: Mirror): void {
  if (mirror.domain === Domain.Running && !mirror.moved && !mirror.marksBroken) mirror.alive = world.now;
}

/** The plug is pulled. */
export function crash(world: World, mirror: Mirror): void {
  lastSign(world, mirror);
  world.say(`${mirrorName(mirror.index)} is off`);
  if (mirror.hanging) [mirror.disk, mirror.hanging] = [mirror.hanging, undefined];
  withdraw(world, mirror);
  if (world.pending?.mirror === mirror.index) world.pending.mirror = -1;
  Object.assign(mirror, {
    domain: Domain.Off,
    conn: Conn.StandAlone,
    role: Role.Secondary,
    peerRole: Role.Unknown,
    own: Disk.Diskless,
    peerDisk: Disk.Unknown,
    ...freshlyBooted,
  });
}

/** `virsh start`: a boot, or the waking of a saved one. */
export function start(world: World, mirror: Mirror): void {
  if (!world.hosts[mirror.index].up && !mirror.moved) return;
  if (mirror.domain === Domain.Saved) {
    mirror.domain = Domain.Running;
    world.say(`${mirrorName(mirror.index)} wakes`);
  }
  // Its OS disk lies in the pool, too.
  if (mirror.domain !== Domain.Off || (mirror.unmounted && !mirror.disk.present)) return;
  mirror.domain = Domain.Running;
  mirror.conn = Conn.WFConnection;
  mirror.waiting = mirror.enabled;
  if (mirror.disk.present && mirror.disk.current !== 0 && !mirror.failing) attachAlone(world, mirror);
  world.say(`${mirrorName(mirror.index)} boots: ${diskWord[mirror.own]}`);
}

/** fence-mirror.sh. @returns whether the host says that it is off */
export function fence(world: World, mirror: Mirror): boolean {
  if (!hostAnswers(world, mirror.index)) return false;
  if (mirror.moved) return mirror.unseen || !world.fixes.movedIsOn;
  if (mirror.domain === Domain.Saved && !world.fixes.savedIsOn) return true;
  if (mirror.domain !== Domain.Off) crash(world, mirror);
  return true;
}

/** The pool of a mirror's host is there again, with what was in it. */
export function poolMounted(world: World, mirror: Mirror): void {
  if (!mirror.unmounted || mirror.domain !== Domain.Off) return;
  Object.assign(mirror, {
    disk: mirror.unmounted.disk,
    mark: mirror.unmounted.mark,
    enabled: mirror.unmounted.enabled,
    unmounted: undefined,
  });
  world.say(`the pool of ${hostName(mirror.index)} is mounted`);
}
