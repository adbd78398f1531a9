import { timeOf } from "../observe/evidence.ts";
import { type GroupView, volumeWords } from "../observe/groupSight.ts";
import type { MirrorState } from "../observe/states.ts";

type Volume = MirrorState["volumes"][number];

/** The own disk is gone for DRBD: dropped after an I/O error (on-io-error detach), or detached. */
export const diskless = ({ disk }: Pick<Volume, "disk">): boolean => disk === "Diskless";

/**
 * Whether a group could go on from mirror `to` alone: for every volume, all mirrors are
 * connected and say that the copy of `to` is UpToDate, and so is the
 * other one, unless that mirror has lost its disk: then it reads and writes
 * the copy of `to` already, and going there is the way out.
 * @returns the first volume that is in the way, for a message; undefined: none
 */
export function inTheWay({ sights }: GroupView, to: string): string | undefined {
  for (const { mirror, volumes } of sights) {
    const lone = volumes.find(({ alone }) => mirror !== to && alone !== null);
    if (lone)
      return (
        `volume ${volumeWords(lone)}: ${mirror} went on alone at ${timeOf(lone.alone ?? 0)}, and ${to} does ` +
        "not have everything that it wrote; wait until both are UpToDate (kvm-mirror status)"
      );
    const ready = mirror === to ? readyToTake : readyToLeave;
    const unready = volumes.find((volume) => !ready(volume));
    if (!unready) continue;
    const lost = mirror === to ? diskless(unready) : unready.peerDisk === "Diskless";
    return (
      `volume ${volumeWords(unready)}; ` +
      (lost
        ? `the disk of ${to} is lost: docs/runbooks/replace-a-mirror.md`
        : "wait until it is Connected and UpToDate/UpToDate (kvm-mirror status)")
    );
  }
  return undefined;
}

/** A verify, too, has to end first. */
const readyToTake = ({ connection, disk, peerDisk }: Volume): boolean =>
  connection === "Connected" && disk === "UpToDate" && (peerDisk === "UpToDate" || peerDisk === "Diskless");

/** A mirror whose I/O is suspended has requests that no disk holds yet. */
const readyToLeave = ({ connection, disk, peerDisk, suspended }: Volume): boolean =>
  connection === "Connected" &&
  peerDisk === "UpToDate" &&
  (disk === "UpToDate" || disk === "Diskless") &&
  suspended !== true;
