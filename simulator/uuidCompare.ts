import { justCreated, resyncOffset, Role } from "./words.ts";
import type { Platter } from "./world.ts";

/** A side of a handshake. */
export interface Side {
  readonly disk: Platter;
  readonly role: number;
  /** It went down as a Primary. */
  readonly crashed: boolean;
}

/**
 * drbd_uuid_compare() of drbd_receiver.c (8.4.11, protocol 101), by its rules 10 to
 * 100; corrects both sides' generations where the kernel does.
 * @returns 0 nothing to copy; 1 and 2 `self` is the source (2: of everything),
 *   negative the target; 100 and -100 split brain; -1000 unrelated
 */
export function uuidCompare(self: Side, peer: Side): number {
  const mine = self.disk;
  const theirs = peer.disk;
  if (mine.current === justCreated && theirs.current === justCreated) return 0;
  if (mine.current === justCreated || mine.current === 0) return -2;
  if (theirs.current === justCreated || theirs.current === 0) return 2;
  if (mine.current === theirs.current) return sameGeneration(self, peer);
  // 50, 51, 60: the peer has gone on from where this side is.
  if (mine.current === theirs.bitmap) return -1;
  if (undoneStart(mine.current, theirs)) return -1;
  if (theirs.history.includes(mine.current)) return -2;
  // 70, 71, 80: the same, the other way round.
  if (theirs.current === mine.bitmap) return 1;
  if (undoneStart(theirs.current, mine)) return 1;
  if (mine.history.includes(theirs.current)) return 2;
  // 90, 100: both have gone on.
  if (mine.bitmap === theirs.bitmap && mine.bitmap !== 0) return 100;
  // The kernel takes two empty places in the histories for the same, too.
  if (mine.history.some((identity) => theirs.history.includes(identity))) return -100;
  return -1000;
}

/** Rules 34 to 41. */
function sameGeneration(self: Side, peer: Side): number {
  const mine = self.disk;
  const theirs = peer.disk;
  if (theirs.bitmap === 0 && mine.bitmap !== 0) {
    missedTheEnd(mine, theirs);
    return 1;
  }
  if (mine.bitmap === 0 && theirs.bitmap !== 0) {
    missedTheEnd(theirs, mine);
    return -1;
  }
  if (!self.crashed && !peer.crashed) return 0;
  if (self.role === Role.Primary || peer.role === Role.Primary) {
    if (self.role === peer.role) return -100;
    return self.role === Role.Primary ? 1 : -1;
  }
  // Both were Primary when they went down cannot be, and the kernel draws lots.
  return self.crashed ? 1 : -1;
}

/** The source did not hear that a resynchronisation had ended. */
function missedTheEnd(source: Platter, target: Platter): void {
  if (source.bitmap !== target.history[0] || source.history[0] !== target.history[1]) return;
  source.history = [source.bitmap, source.history[0]];
  source.bitmap = 0;
}

/** The target did not hear that a resynchronisation had begun: the source takes that back. */
function undoneStart(identity: number, source: Platter): boolean {
  if (identity !== source.history[0] || identity + resyncOffset !== source.bitmap) return false;
  source.bitmap = source.history[0];
  source.history = [source.history[1], source.history[1]];
  return true;
}
