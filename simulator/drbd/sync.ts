/** The copying of blocks from one mirror to the other. */
import { Conn, Disk, justCreated, resyncOffset } from "../words.ts";
import { type Mirror, type World, everyBlock, mirrorName } from "../world.ts";
import { enter } from "./state.ts";
import { connect, loseConnection } from "./connection.ts";

export function startSync(world: World, source: Mirror, target: Mirror, interrupted: boolean): void {
  const { disk } = source;
  const identity =
    disk.bitmap !== 0 && disk.bitmap !== justCreated ? disk.bitmap + resyncOffset : world.newGeneration();
  if (disk.bitmap !== 0) disk.history = [disk.bitmap, disk.history[0]];
  disk.bitmap = identity;
  if (interrupted) {
    // The target waits for the generation (WFSyncUUID): its data counts as outdated by now.
    connect(world, source, target, Conn.SyncSource, Conn.Connected);
    target.own = Math.min(target.own, Disk.Outdated);
    for (const mirror of world.mirrors) loseConnection(world, mirror);
    return;
  }
  target.disk.current = identity;
  target.disk.bitmap = 0;
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
  world.say(`${mirrorName(target.index)} has everything that ${mirrorName(source.index)} has`);
  enter(world, target, Conn.Connected, target.role, Disk.UpToDate, source.role, Disk.UpToDate);
  enter(world, source, Conn.Connected, source.role, Disk.UpToDate, target.role, Disk.UpToDate);
}
