import { broken } from "./drbd/state.ts";
import { visible } from "./io.ts";
import { Conn, Disk } from "./words.ts";
import { type World, blocks, mirrorName } from "./world.ts";

/** What must be so after every event. Writers and promotions are judged where they happen (io.ts, scripts.ts). */
export function check(world: World): void {
  const [first, second] = world.mirrors;
  for (let block = 0; block < blocks; block++) {
    const owed = world.owed[block] ?? 0;
    for (const mirror of world.mirrors) {
      if (!mirror.serving || mirror.forfeited) continue;
      const read = visible(world, mirror, block);
      if (read !== undefined && read < owed)
        world.violate(
          `acknowledged write ${owed} to block ${block} is lost: ${mirrorName(mirror.index)} serves write ${read}`,
        );
    }
    if (
      first.conn !== Conn.Connected ||
      second.conn !== Conn.Connected ||
      first.own !== Disk.UpToDate ||
      second.own !== Disk.UpToDate
    )
      continue;
    // Not while a write is on its way, or the connection is gone and nobody has noticed.
    if (
      world.pending?.block === block ||
      ((first.inflight | second.inflight) & (1 << block)) !== 0 ||
      broken(world, first) ||
      broken(world, second)
    )
      continue;
    const [one, two] = [first.disk.data[block] ?? 0, second.disk.data[block] ?? 0];
    if (one !== two)
      world.violate(
        `both mirrors are Connected and UpToDate, and differ in block ${block}: write ${one} and write ${two}`,
      );
    else if (one < owed)
      world.violate(
        `acknowledged write ${owed} to block ${block} is lost: both mirrors ` +
          `are Connected and UpToDate with write ${one}`,
      );
  }
  if (
    first.conn === Conn.Connected &&
    second.conn === Conn.Connected &&
    first.own === Disk.UpToDate &&
    second.own === Disk.UpToDate
  )
    first.forfeited = second.forfeited = false;
}
