/** What two mirrors do when they meet. */
import { Conn, Disk, Role } from "../words.ts";
import { type Mirror, type World, everyBlock, mirrorName } from "../world.ts";
import { uuidCompare } from "../uuidCompare.ts";
import { newCurrent, suspended } from "./state.ts";
import { connect, disconnected, part } from "./connection.ts";
import { startSync } from "./sync.ts";

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
