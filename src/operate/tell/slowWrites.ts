import type { MirrorState } from "../observe/states.ts";
import { isStuck, stuckVolume, type WriteTimes } from "../observe/stuckWrites.ts";
import { isConnected, isParted } from "../observe/whole.ts";

type Volume = MirrorState["volumes"][number];
type View = Volume & { readonly mirror: string };

/** A disk as writes see it. */
export interface DiskTimes {
  readonly mirror: string;
  readonly times: WriteTimes;
}

/** What writes wait for. */
export type SlowCause =
  | { readonly kind: "disks"; readonly disks: readonly DiskTimes[] }
  /** The volume that is synchronised or compared meanwhile. */
  | { readonly kind: "busy"; readonly volume: string; readonly compared: boolean }
  /** No data disk is: these. */
  | { readonly kind: "network"; readonly disks: readonly DiskTimes[] }
  /** A data disk of one of these mirrors, which do not say how long theirs take, or the network. */
  | { readonly kind: "unknown"; readonly silent: readonly string[]; readonly disks: readonly DiskTimes[] };

export interface SlowWrites {
  readonly primary: string;
  /** The mirror that it replicates to now. */
  readonly standby: string | undefined;
  /** Whether the primary has a good copy of its own, and could go on without the standby. */
  readonly couldGoOn: boolean;
  /** Whether the standby has one, and could serve. */
  readonly couldSwitch: boolean;
  /** As clients have them. */
  readonly times: WriteTimes;
  readonly cause: SlowCause;
}

/**
 * Milliseconds a write from which writes are slow. A sound disk takes 1 to 20 ms, a slow one 30 under load; with 100 ms
 * a database that waits for each commit does ten a second. `KvmMirrorWritesSlow` has always said 100 ms as well.
 */
const slow = 100;
/** So many writes in the minute, for one that took long is a hiccup; */
const fewest = 10;
/** or so many milliseconds for all of them: a disk that takes 6 s a write does not get to ten. */
const longest = 10_000;

/** Whether clients feel it. scripts/guest/monitoring/lib/write_times.py decides the same. */
export function isSlow(times: WriteTimes): boolean {
  const enough = times.writes >= fewest || times.ms >= longest;
  return times.stuck >= stuckVolume || (enough && times.ms > slow * times.writes);
}

/** Milliseconds a write; of writes that are stuck, for how long they are. */
export const waitOf = (times: WriteTimes): number =>
  isStuck(times) ? times.stuck * 1000 : times.ms / Math.max(1, times.writes);

/**
 * The disks for which writes took `wait` ms. A write may wait for its disk some times in turn (the activity log, a
 * flush, the data), so a quarter of it counts; a disk that is twice as fast as the slowest is not to blame beside it.
 */
function slowDisks(disks: readonly DiskTimes[], wait: number): readonly DiskTimes[] {
  const slowest = Math.max(0, ...disks.map(({ times }) => waitOf(times)));
  return disks.filter(
    ({ times }) => isStuck(times) || (waitOf(times) > 0 && waitOf(times) >= Math.max(wait / 4, slowest / 2)),
  );
}

/**
 * Whether clients wait long for the writes of a volume, and for what; undefined where they do not, or where it is not
 * known. Writes that wait until somebody acts (suspended, frozen) are another matter.
 * @param mirrors names of both
 * @param states of those that answered
 */
export function findSlowWrites(
  volume: string,
  mirrors: readonly string[],
  states: readonly MirrorState[],
): SlowWrites | undefined {
  const views = states.flatMap(({ mirror, volumes }) =>
    volumes.filter(({ name }) => name === volume).map((view): View => ({ ...view, mirror })),
  );
  const primary = views.find(({ role }) => role === "Primary");
  const times = primary?.writes?.volume ?? undefined;
  if (!primary || !times || primary.suspended || primary.frozen || !isSlow(times)) return undefined;
  const peer = mirrors.find((name) => name !== primary.mirror);
  const standby = isParted(primary.connection) ? undefined : peer;
  // A disk that DRBD has dropped is not written to.
  const written = [
    ...(primary.disk === "Diskless" ? [] : [primary.mirror]),
    ...(standby === undefined || primary.peerDisk === "Diskless" ? [] : [standby]),
  ];
  const disks = written.flatMap((mirror): DiskTimes[] => {
    const known = views.find((view) => view.mirror === mirror)?.writes?.disk;
    return known ? [{ mirror, times: known }] : [];
  });
  const cause = causeOf({ wait: waitOf(times), written, disks, busy: busyIn(states), parted: standby === undefined });
  const [couldGoOn, couldSwitch] = [
    primary.disk === "UpToDate",
    isConnected(primary) && primary.peerDisk === "UpToDate",
  ];
  return cause && { primary: primary.mirror, standby, couldGoOn, couldSwitch, times, cause };
}

interface Facts {
  readonly wait: number;
  /** Mirrors whose disks a write waits for, and what is known of these. */
  readonly written: readonly string[];
  readonly disks: readonly DiskTimes[];
  readonly busy: SlowCause | undefined;
  readonly parted: boolean;
}

function causeOf({ wait, written, disks, busy, parted }: Facts): SlowCause | undefined {
  const guilty = slowDisks(disks, wait);
  // Work beside makes a disk slow; it does not make it hang.
  if (busy && !guilty.some(({ times }) => isStuck(times))) return busy;
  if (guilty.length > 0) return { kind: "disks", disks: guilty };
  // What was slow before the peer was lost is over.
  if (parted) return undefined;
  const silent = written.filter((mirror) => !disks.some((disk) => disk.mirror === mirror));
  return silent.length > 0 ? { kind: "unknown", silent, disks } : { kind: "network", disks };
}

/** Any volume: mirrors share the network, and often a disk, for all of them. */
function busyIn(states: readonly MirrorState[]): SlowCause | undefined {
  const at = states
    .flatMap(({ volumes }) => volumes)
    .find(
      ({ connection, syncPercent }) => syncPercent !== null || /^(Sync(Source|Target)|Verify[ST])$/.test(connection),
    );
  return at && { kind: "busy", volume: at.name, compared: isConnected(at) };
}
