/** The copying of blocks from one mirror to the other. */
import { Conn, Disk, justCreated, resyncOffset } from "../words.ts";
import { type Mirror, type Platter, type World, copyOf, everyBlock, mirrorName } from "../world.ts";
import { enter } from "./state.ts";
import { connect, loseConnection } from "./connection.ts";

/** The generation of what is copied, on the source's disk. */
function nextIdentity(world: World, disk: Platter): number {
  const identity =
    disk.bitmap !== 0 && disk.bitmap !== justCreated ? disk.bitmap + resyncOffset : world.newGeneration();
  if (disk.bitmap !== 0) disk.history = [disk.bitmap, disk.history[0]];
  disk.bitmap = identity;
  return identity;
}

export function startSync(world: World, source: Mirror, target: Mirror, interrupted: boolean): void {
  // It tells the target a generation that is on its own disk (drbd_gen_and_send_sync_uuid); one that hangs takes none.
  const identity = source.hanging ? 0 : nextIdentity(world, source.disk);
  if (interrupted || identity === 0) {
    // The target waits for the generation (WFSyncUUID): its data counts as outdated by now.
    connect(world, source, target, Conn.SyncSource, Conn.Connected);
    target.own = Math.min(target.own, Disk.Outdated);
    for (const mirror of world.mirrors) loseConnection(world, mirror);
    return;
  }
  target.disk.current = identity;
  target.disk.bitmap = 0;
  // before-resync-target, which the kernel runs when the generation is set already; a mixture keeps what it has kept.
  if (target.disk.consistent)
    target.disk.kept = { made: world.now, disk: { ...copyOf(target.disk), wasUpToDate: false, primary: false } };
  connect(world, source, target, Conn.SyncSource, Conn.SyncTarget);
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
  target.disk.kept = undefined;
  world.say(`${mirrorName(target.index)} has everything that ${mirrorName(source.index)} has`);
  enter(world, target, Conn.Connected, target.role, Disk.UpToDate, source.role, Disk.UpToDate);
  enter(world, source, Conn.Connected, source.role, Disk.UpToDate, target.role, Disk.UpToDate);
}
