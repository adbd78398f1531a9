/** What befalls machines, disks and networks, and what people do to them by hand; drawn by events.ts. */
import { endCopy } from "./commands/client.ts";
import { loseConnection } from "./drbd/connection.ts";
import { detach, hang } from "./drbd/disk.ts";
import { broken, suspended } from "./drbd/state.ts";
import { crash, groupStop, lastSign, start } from "./scripts.ts";
import { hostAnswers } from "./sight.ts";
import { Conn, Disk, Domain, Role } from "./words.ts";
import { type Mirror, type World, hostName, mirrorName, other, platter } from "./world.ts";

export function standsStill(world: World, mirror: Mirror, how: number): void {
  // libvirt does not get a machine saved whose disk hangs.
  if (mirror.domain !== Domain.Running || (how === Domain.Saved && mirror.hanging)) return;
  lastSign(world, mirror);
  mirror.domain = how;
}

export function marksFail(world: World, mirror: Mirror): void {
  lastSign(world, mirror);
  mirror.marksBroken = true;
}

export function migrated(world: World, mirror: Mirror): void {
  if (mirror.domain === Domain.Running && !mirror.hanging) leave(world, mirror);
}

/** Its own host keeps what it had until now. */
function leave(world: World, mirror: Mirror): void {
  if (mirror.moved) return;
  lastSign(world, mirror);
  mirror.moved = true;
  mirror.leftMark = mirror.mark;
}

/** That takes a while: more than clocks differ. */
export function copiedAway(world: World, mirror: Mirror): void {
  if (mirror.moved || mirror.unmounted || !world.hosts[mirror.index].up || world.command?.off === mirror.index) return;
  shutDown(world, mirror);
  if (mirror.domain !== Domain.Off) return;
  leave(world, mirror);
  mirror.unseen = true;
  world.now += 600;
  world.say(`${mirrorName(mirror.index)} is copied to another KVM host, and started there`);
  start(world, mirror);
}

export function movedBack(world: World, mirror: Mirror): void {
  if (mirror.domain === Domain.Running && world.hosts[mirror.index].up) mirror.moved = mirror.unseen = false;
}

export function crashed(world: World, mirror: Mirror): void {
  if (mirror.domain !== Domain.Off && mirror.domain !== Domain.Saved) crash(world, mirror);
}

/** The plug is pulled while a write is on one of the disks. */
export function halfWritten(world: World, mirror: Mirror, onPeer: boolean): void {
  const peer = world.mirrors[other(mirror.index)];
  if (
    mirror.domain !== Domain.Running ||
    mirror.role !== Role.Primary ||
    !mirror.serving ||
    mirror.conn !== Conn.Connected ||
    peer.conn !== Conn.Connected ||
    world.pending
  )
    return;
  if (mirror.own !== Disk.UpToDate || peer.own !== Disk.UpToDate || !world.replication) return;
  const host = world.copies.findIndex(
    (copy, index) => copy.on && !copy.paused && copy.session === mirror.index && hostAnswersAtAll(world, index),
  );
  if (host < 0) return;
  world.pending = { mirror: -1, host, block: 0, id: ++world.writes };
  (onPeer ? peer : mirror).disk.data[0] = world.pending.id;
  world.say(`write ${world.pending.id} has reached ${mirrorName((onPeer ? peer : mirror).index)} alone`);
  crash(world, mirror);
}
const hostAnswersAtAll = (world: World, index: number): boolean => world.hosts[index === 0 ? 0 : 1].up;

/**
 * `virsh shutdown`: systemd stops the group's unit, which stays enabled, then DRBD. A volume
 * whose I/O stands still is not let go, and the power goes in the end.
 */
export function shutDown(world: World, mirror: Mirror): void {
  if (mirror.domain !== Domain.Running || world.pending?.mirror === mirror.index) return;
  const { enabled } = mirror;
  if (mirror.conn >= Conn.Connected && broken(world, mirror)) loseConnection(world, mirror);
  if (!(mirror.inflight !== 0 && suspended(mirror))) groupStop(world, mirror);
  crash(world, mirror);
  mirror.enabled = enabled;
}

/** The same disk each time: where both fail in turn, DRBD itself takes an old copy for good (README.md). */
export function detached(world: World, mirror: Mirror): void {
  if (world.diskLost || world.failingDisk === other(mirror.index) || world.mirrors[other(mirror.index)].unmounted)
    return;
  if (mirror.domain === Domain.Running && mirror.own >= Disk.Inconsistent && mirror.inflight === 0 && !mirror.hanging) {
    world.failingDisk = mirror.index;
    detach(world, mirror);
  }
}

export function hangs(world: World, mirror: Mirror): void {
  if (mirror.domain === Domain.Running && mirror.own >= Disk.Inconsistent && !mirror.moved) hang(world, mirror);
}

/** For good, and only where the other copy is whole: two lost disks are no product's fault. */
export function diskLost(world: World, mirror: Mirror): void {
  const peer = world.mirrors[other(mirror.index)];
  const whole =
    mirror.conn === Conn.Connected &&
    peer.conn === Conn.Connected &&
    mirror.own === Disk.UpToDate &&
    peer.own === Disk.UpToDate;
  if (
    !whole ||
    world.mirrors.some(({ disk, unmounted, hanging }) => !disk.present || unmounted || hanging) ||
    world.diskLost ||
    world.failingDisk !== undefined
  )
    return;
  if (mirror.domain !== Domain.Running || peer.domain !== Domain.Running || !world.replication) return;
  world.diskLost = true;
  detach(world, mirror);
  mirror.disk = { ...platter(0), present: false };
  world.say(`the disk of ${mirrorName(mirror.index)} is lost for good`);
}

/** After a power cut the pool of a host is not mounted: its disks are not to be seen, and not lost. */
export function poolLost(world: World, mirror: Mirror): void {
  if (
    mirror.domain !== Domain.Off ||
    mirror.moved ||
    mirror.unmounted ||
    !mirror.disk.present ||
    !hostAnswers(world, mirror.index)
  )
    return;
  mirror.unmounted = { disk: mirror.disk, mark: mirror.mark, enabled: mirror.enabled };
  mirror.disk = { ...platter(0), present: false };
  world.say(`the pool of ${hostName(mirror.index)} is not mounted`);
}

export function disconnectedByHand(world: World, mirror: Mirror): void {
  if (mirror.domain !== Domain.Running || mirror.conn < Conn.WFConnection) return;
  if (mirror.conn >= Conn.Connected) loseConnection(world, mirror);
  mirror.conn = Conn.StandAlone;
  world.say(`${mirrorName(mirror.index)} is StandAlone`);
}

/** A whole KVM host loses its power. */
export function hostDies(world: World, index: 0 | 1): void {
  const host = world.hosts[index];
  if (!host.up) return;
  const mirror = world.mirrors[index];
  const wasSaved = mirror.domain === Domain.Saved;
  if (!wasSaved && !mirror.moved) crash(world, mirror);
  endCopy(world, index);
  host.up = false;
  world.say(`${hostName(index)} loses its power`);
}
