import type { MirrorState } from "./states.ts";

/** How long writes took over the last minute, those of a volume or of a disk. */
export type WriteTimes = NonNullable<NonNullable<MirrorState["volumes"][number]["writes"]>["disk"]>;

/** Seconds without an answer: two looks of watch-writes.sh. DRBD gives up a silent peer after 12 s. */
export const stuckVolume = 20;
/** Seconds. A disk that hangs is what clients wait for, and the two mirrors do not look at the same moment. */
const stuckDisk = 10;

/** Whether a disk answers nothing. */
export const isStuck = (times: WriteTimes): boolean => times.stuck >= stuckDisk;
