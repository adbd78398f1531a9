import { loseConnection } from "./drbd/connection.ts";
import { broken, enter } from "./drbd/state.ts";
import { outdateAnswer } from "./rules/fencePeer.ts";
import { Conn, Disk, Domain, Role, diskWord, roleWord } from "./words.ts";
import { type Mirror, type World, mirrorName, other } from "./world.ts";

/** scripts/guest/replication/lib/peer.sh: the peer's answer by the management or the storage network. */
export function askPeer(world: World, mirror: Mirror): number | undefined {
  const peer = world.mirrors[other(mirror.index)];
  if ((!world.management && !world.storage) || peer.domain !== Domain.Running || peer.mute) return undefined;
  // outdate.sh waits until DRBD has noticed.
  if (peer.conn >= Conn.Connected && broken(world, peer)) loseConnection(world, peer);
  const { code, outdates } = outdateAnswer(
    roleWord[peer.role] ?? "",
    diskWord[peer.own] ?? "",
    peer.conn >= Conn.Connected,
  );
  if (outdates) enter(world, peer, peer.conn, peer.role, Disk.Outdated, Role.Unknown, peer.peerDisk);
  // `drbdadm outdate` ends when that is on the disk.
  if (outdates && peer.hanging) return undefined;
  world.say(`${mirrorName(peer.index)} answers ${code} to its peer's question`);
  return code === 1 ? undefined : code;
}

export function leaveMark(world: World, mirror: Mirror): boolean {
  if (mirror.marksBroken) return false;
  if (mirror.mark === 0) {
    mirror.mark = world.now;
    world.say(`${mirrorName(mirror.index)} leaves its mark: alone since ${world.now}`);
  }
  return true;
}
