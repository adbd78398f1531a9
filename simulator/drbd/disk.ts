/** A mirror's disk: attached, and lost. */
import { Conn, Disk, Role } from "../words.ts";
import { type Mirror, type Platter, type World, copyOf, everyBlock, other, mirrorName } from "../world.ts";
import { uuidCompare } from "../uuidCompare.ts";
import { broken, enter } from "./state.ts";
import { connect, tellPeer } from "./connection.ts";
import { startSync } from "./sync.ts";

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

/** The disk of a mirror answers nothing from now on. */
export function hang(world: World, mirror: Mirror): void {
  const { disk } = mirror;
  mirror.hanging = { ...copyOf(disk), kept: disk.kept };
  world.say(`the disk of ${mirrorName(mirror.index)} hangs`);
}

/** It answers again, and has everything that it was told. */
export function answer(world: World, mirror: Mirror): void {
  mirror.hanging = undefined;
  world.say(`the disk of ${mirrorName(mirror.index)} answers again`);
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
  if (source.hanging) return "the peer's disk does not answer";
  source.disk.dirty |= target.disk.dirty;
  if (Math.abs(hg) === 2) source.disk.dirty = everyBlock;
  target.disk.dirty = source.disk.dirty;
  mirror.own = Disk.Inconsistent;
  startSync(world, source, target, false);
  return undefined;
}
