import type { MirrorState } from "../observe/states.ts";

/** A mirror whose DRBD can be told nothing: while it notes something on a disk that hangs, all its tools wait. */
export function hangConcerns({ mirror, drbdHangs }: MirrorState): readonly string[] {
  if (drbdHangs !== true) return [];
  return [
    `${mirror}: DRBD's tools get no answer there: one of its disks hangs. Until it answers, no volume is promoted or ` +
      `demoted on ${mirror}, whatever disk it lies on, and a failover to it waits. Look at the storage of its KVM ` +
      "host; which disk it is: grep . /sys/block/vd*/inflight (docs/runbooks/slow-writes.md)",
  ];
}
