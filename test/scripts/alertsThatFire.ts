import type { Situation } from "./alerts.test.ts";
import {
  clustered,
  gone,
  inState,
  meanwhile,
  ofClient,
  ofGroup,
  ofNode,
  ofVolume,
  ofWrites,
  on,
  sampledEach,
  type Series,
  since,
  turns,
  unreached,
} from "./watchedSite.ts";

const [a, b] = ["mirror-a", "mirror-b"] as const;
const copies = (mirror: string, value: number): Series => ({ [ofVolume(mirror, "good_copies")]: since(value, 2) });
const notReady: Series = { [ofGroup(b, "takeover_ready")]: since(0, 1) };
/** What mirror-a says once its peer is away. */
const alone: Series = { ...turns(a, "connection_state", "Connected", "WFConnection"), ...copies(a, 1) };
const synchronises: Series = {
  ...turns(a, "connection_state", "Connected", "SyncSource"),
  ...turns(b, "connection_state", "Connected", "SyncTarget"),
  ...turns(b, "disk_state", "UpToDate", "Inconsistent"),
  ...copies(a, 1),
  ...copies(b, 1),
  ...notReady,
};
const bytes = (values: string): Series => ({
  [ofVolume(a, "out_of_sync_bytes")]: values,
  [ofVolume(b, "out_of_sync_bytes")]: values,
});
/** They rose while the mirrors were apart, and fall now. */
const fewer = bytes("0+50000000x19 1000000000-1000000x110");
/** Writes are slow on the volume, as mirror-a has it, and on the data disks of these mirrors. */
const slow = (...disks: readonly string[]): Series => ({
  [ofWrites(a, "volume")]: since(1, 0),
  ...Object.fromEntries(disks.map((mirror) => [ofWrites(mirror, "disk"), since(1, 0)])),
});

/** Situations by name, and exactly the alerts that fire then, each without "KvmMirror". */
export const fires: Readonly<Record<string, Situation & { readonly alerts: readonly string[] }>> = {
  "the standby died": {
    changes: { ...alone, ...unreached(b) },
    alerts: ["MirrorDown", "OneCopyLeft", "StandbyNotReady"],
  },
  "the replication network is cut: both live": {
    changes: {
      ...alone,
      ...turns(b, "connection_state", "Connected", "WFConnection"),
      ...turns(b, "disk_state", "UpToDate", "Outdated"),
      ...copies(b, 0),
      ...notReady,
    },
    alerts: ["CopyNotUpToDate", "OneCopyLeft", "StandbyNotReady"],
  },
  "the primary died, and nobody has taken over": {
    changes: { ...unreached(a), ...turns(b, "connection_state", "Connected", "WFConnection"), ...copies(b, 1) },
    alerts: ["ClientLost", "GroupNotServed", "MirrorDown", "OneCopyLeft"],
  },
  "the standby has lost its disk": {
    changes: { ...turns(b, "disk_state", "UpToDate", "Diskless"), ...copies(a, 1), ...copies(b, 1), ...notReady },
    alerts: ["DiskFailed", "OneCopyLeft", "StandbyNotReady"],
  },
  "the primary has lost its disk, and works on the other's": {
    changes: { ...turns(a, "disk_state", "UpToDate", "Diskless"), ...copies(a, 1), ...copies(b, 1) },
    alerts: ["DiskFailed", "OneCopyLeft"],
  },
  "a disk that fails while it is being dropped": {
    changes: { [inState(a, "disk_state", "Failed")]: since(1, 0) },
    alerts: ["DiskFailed"],
  },
  "both copies are bad": {
    changes: {
      ...turns(a, "disk_state", "UpToDate", "Outdated"),
      ...turns(b, "disk_state", "UpToDate", "Outdated"),
      ...copies(a, 0),
      ...copies(b, 0),
    },
    alerts: ["CopyNotUpToDate", "NoGoodCopy"],
  },
  "a copy that is Inconsistent, and nobody synchronises it": {
    changes: { ...turns(b, "disk_state", "UpToDate", "Inconsistent"), ...notReady },
    alerts: ["CopyNotUpToDate", "StandbyNotReady"],
  },
  "a volume that is down on the standby": {
    changes: { [inState(b, "disk_state", "Unconfigured")]: since(1, 0) },
    alerts: ["CopyNotUpToDate"],
  },
  "a split brain": {
    changes: {
      ...turns(a, "connection_state", "Connected", "StandAlone"),
      ...turns(b, "connection_state", "Connected", "StandAlone"),
      ...copies(a, 1),
      ...copies(b, 1),
    },
    alerts: ["OneCopyLeft", "SplitBrain"],
  },
  "one side StandAlone": { changes: turns(b, "connection_state", "Connected", "StandAlone"), alerts: ["SplitBrain"] },
  "I/O suspended": { changes: { [ofVolume(a, "suspended")]: since(1, 0) }, alerts: ["IoSuspended"] },
  "a primary that stands still": { changes: { [ofVolume(a, "frozen")]: since(1, 0) }, alerts: ["IoSuspended"] },
  "a synchronisation after an outage": {
    changes: { ...synchronises, ...fewer },
    at: "25m",
    alerts: ["Resynchronising"],
  },
  "one whose bytes stay the same": {
    changes: { ...synchronises, ...bytes(since(5000, 0)) },
    at: "28m",
    alerts: ["Resynchronising", "ResyncStalled"],
  },
  "one of which the kernel says that it has stalled": {
    changes: {
      ...synchronises,
      ...fewer,
      [ofVolume(a, "sync_stalled")]: since(1, 0),
    },
    at: "20m",
    alerts: ["Resynchronising", "ResyncStalled"],
  },
  "one that is paused": {
    changes: {
      ...turns(b, "connection_state", "Connected", "PausedSyncT"),
      ...turns(b, "disk_state", "UpToDate", "Inconsistent"),
      ...copies(a, 1),
      ...copies(b, 1),
      ...notReady,
    },
    alerts: ["CopyNotUpToDate", "OneCopyLeft", "Resynchronising", "StandbyNotReady"],
  },
  "verify has found differences": {
    changes: { [ofVolume(a, "out_of_sync_bytes")]: since(8192, 0) },
    alerts: ["CopiesDiffer"],
  },
  "ZFS found damaged blocks": {
    changes: { [on(b, "zfs_damaged_blocks")]: since(3, 0) },
    alerts: ["ZfsDamaged"],
  },
  "somebody has set sync=disabled on a zvol": {
    changes: { [on(b, "zfs_unsafe_datasets")]: since(1, 0) },
    alerts: ["ZfsUnsafe"],
  },
  "a ZFS disk gave wrong answers": {
    changes: { [on(b, "zfs_disk_faults")]: since(2, 0) },
    alerts: ["ZfsDisk"],
  },
  "a mirror's ZFS pool is not ONLINE, or not there": {
    changes: { [on(b, "zfs_pool_online")]: since(0, 1) },
    alerts: ["ZfsDisk"],
  },
  "the last comparison was forty days ago": {
    changes: sampledEach(28_800),
    at: "40d",
    interval: "8h",
    alerts: ["VerifyOverdue"],
  },
  "there never was one": {
    changes: {
      ...sampledEach(28_800),
      [ofVolume(a, "verified_timestamp_seconds")]: "0x970",
      [ofVolume(b, "verified_timestamp_seconds")]: "0x970",
    },
    at: "8d",
    interval: "8h",
    alerts: ["NeverVerified"],
  },
  "the VIP is gone": {
    changes: { [ofGroup(a, "serving")]: since(0, 1), [ofGroup(a, "vip_present")]: since(0, 1) },
    alerts: ["GroupNotServed"],
  },
  "both mirrors serve": {
    changes: { [ofGroup(b, "serving")]: since(1, 0), [ofGroup(b, "vip_present")]: since(1, 0) },
    alerts: ["GroupServedTwice"],
  },
  "both mirrors have the VIP": {
    changes: { [ofGroup(b, "vip_present")]: since(1, 0) },
    alerts: ["GroupServedTwice"],
  },
  "both mirrors are Primary": {
    changes: turns(b, "role", "Secondary", "Primary"),
    alerts: ["GroupServedTwice"],
  },
  "a standby that could not take over": { changes: notReady, alerts: ["StandbyNotReady"] },
  "a client that had a connection": { changes: { [ofClient(a)]: since(0, 1) }, alerts: ["ClientLost"] },
  "slow writes, and no disk is": { changes: slow(), alerts: ["WritesSlow"] },
  "slow writes, for the standby's disk": { changes: slow(b), alerts: ["DiskSlow", "WritesSlow"] },
  "slow writes, for the primary's disk": { changes: slow(a), alerts: ["DiskSlow", "WritesSlow"] },
  "nobody writes the metrics any more": {
    changes: { [on(a, "written_timestamp_seconds")]: "0+15x20 300+0x130" },
    alerts: ["MetricsStale"],
  },
  "DRBD cannot be read": {
    changes: { [on(a, "source_readable", 'source="drbd"')]: since(0, 1) },
    alerts: ["SourceUnreadable"],
  },
  "the third vote is gone": {
    cluster: true,
    changes: { [on(a, "cluster_third_vote")]: since(0, 1) },
    alerts: ["ThirdVoteLost"],
  },
  "no quorum": { cluster: true, changes: { [on(b, "cluster_quorum")]: since(0, 1) }, alerts: ["NoQuorum"] },
  "fencing that is not ready": {
    cluster: true,
    changes: { [ofNode(a, "fencing_ready", b)]: since(0, 1) },
    alerts: ["FencingNotReady"],
  },
  "fencing that has failed": {
    cluster: true,
    changes: { [ofNode(b, "fencing_failed", a)]: since(1, 0) },
    alerts: ["FencingFailed"],
  },
  "Pacemaker that does not answer": {
    cluster: true,
    changes: { [on(b, "cluster_answers")]: since(0, 1), [ofGroup(b, "takeover_ready")]: since(0, 1) },
    alerts: ["ClusterSilent", "StandbyNotReady"],
  },
  "a pause that nobody ends": {
    cluster: true,
    changes: { [on(a, "cluster_paused")]: meanwhile(1, 100, 0), [on(b, "cluster_paused")]: meanwhile(1, 100, 0) },
    at: "25m",
    alerts: ["ClusterPaused"],
  },
  "a mirror of a cluster that died": {
    cluster: true,
    changes: { ...alone, ...unreached(b, clustered), [ofVolume(a, "good_copies")]: since(1, 2), ...goneFrom(b) },
    alerts: ["MirrorDown", "OneCopyLeft", "StandbyNotReady"],
  },
};

function goneFrom(mirror: string): Series {
  return { [on(mirror, "written_timestamp_seconds")]: gone("0+15") };
}
