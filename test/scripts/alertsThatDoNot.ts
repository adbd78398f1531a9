import type { Situation } from "./alerts.test.ts";
import {
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
} from "./watchedSite.ts";

const [a, b] = ["mirror-a", "mirror-b"] as const;
/** Looked at some seconds after it began. */
const soon = "5m15s";
const both = (name: string, values: string): Series => ({ [ofVolume(a, name)]: values, [ofVolume(b, name)]: values });
/** A volume that is synchronised for the first time; mirror-a is its source. */
const firstSync: Series = {
  ...both("good_copies", since(1, 2)),
  ...turns(a, "connection_state", "Connected", "SyncSource"),
  ...turns(b, "connection_state", "Connected", "SyncTarget"),
  ...turns(b, "disk_state", "UpToDate", "Inconsistent"),
  ...both("out_of_sync_bytes", "0+0x19 1000000000-1000000x110"),
  [ofGroup(b, "takeover_ready")]: since(0, 1),
};
/** A planned switch: served nowhere for two samples, then by mirror-b. */
const switched: Series = {
  [ofGroup(a, "serving")]: since(0, 1),
  [ofGroup(a, "vip_present")]: since(0, 1),
  [ofGroup(a, "takeover_ready")]: since(1, 0),
  [ofGroup(b, "serving")]: "0+0x21 1+0x130",
  [ofGroup(b, "vip_present")]: "0+0x21 1+0x130",
  [ofGroup(b, "takeover_ready")]: "1+0x21 0+0x130",
  ...turns(a, "role", "Primary", "Secondary"),
  [inState(b, "role", "Primary")]: "0+0x21 1+0x130",
  [inState(b, "role", "Secondary")]: "1+0x21 0+0x130",
  [ofClient(a)]: since(0, 1),
  [ofClient(b)]: "0+0x22 1+0x130",
};

/** Situations in which no alert fires. */
export const stays: Readonly<Record<string, Situation>> = {
  "all is well": { changes: {} },
  "all is well for hours": { changes: sampledEach(240), at: "8h", interval: "4m" },
  "all is well in a cluster": { cluster: true, changes: {} },
  "a planned switch, while nobody serves": { changes: switched, at: "5m30s" },
  "a planned switch, at its end": { changes: switched, at: "6m" },
  "a planned switch, long after": { changes: switched, at: "30m" },
  "a switch that one mirror tells of before the other": {
    changes: {
      ...switched,
      [ofGroup(a, "serving")]: "1+0x22 0+0x130",
      [ofGroup(a, "vip_present")]: "1+0x22 0+0x130",
    },
    at: "6m",
  },
  "a switch in a cluster that is paused for it": {
    cluster: true,
    changes: {
      ...switched,
      [on(a, "cluster_paused")]: meanwhile(1, 12, 0),
      [on(b, "cluster_paused")]: meanwhile(1, 12, 0),
    },
    at: "8m",
  },
  "a first synchronisation, in its first minutes": { changes: firstSync, at: "9m" },
  "one copy for a moment: a flap of the link": { changes: both("good_copies", meanwhile(1, 1, 2)), at: "5m30s" },
  "the same, when it is over": { changes: both("good_copies", meanwhile(1, 2, 2)), at: "20m" },
  "one copy, seen once so far": { changes: both("good_copies", since(1, 2)), at: soon },
  "no copy, for a minute": { changes: both("good_copies", meanwhile(0, 4, 2)), at: "5m45s" },
  "a disk that is gone, seen once so far": { changes: turns(b, "disk_state", "UpToDate", "Diskless"), at: soon },
  "a copy that is Outdated for a minute after a reboot": {
    changes: {
      [inState(b, "disk_state", "Outdated")]: meanwhile(1, 4, 0),
      [inState(b, "disk_state", "UpToDate")]: meanwhile(0, 4, 1),
    },
    at: "6m",
  },
  "a peer that is lost and found": {
    changes: {
      [inState(a, "connection_state", "WFConnection")]: meanwhile(1, 2, 0),
      [inState(a, "connection_state", "Connected")]: meanwhile(0, 2, 1),
    },
  },
  "I/O that stands for the seconds of a handler": {
    changes: { [ofVolume(a, "suspended")]: meanwhile(1, 1, 0) },
    at: "5m15s",
  },
  "a comparison that runs, and counts what it finds": {
    changes: {
      ...turns(a, "connection_state", "Connected", "VerifyS"),
      [ofVolume(a, "out_of_sync_bytes")]: since(8192, 0),
    },
  },
  "a comparison a month ago": { changes: sampledEach(28_800), at: "30d", interval: "8h" },
  "none for three days": {
    changes: { ...sampledEach(28_800), ...both("verified_timestamp_seconds", "0x970") },
    at: "3d",
    interval: "8h",
  },
  "one that the other mirror has on record": {
    changes: { ...sampledEach(28_800), [ofVolume(b, "verified_timestamp_seconds")]: "0x970" },
    at: "10d",
    interval: "8h",
  },
  "bytes out of sync while the peer is away are no difference that verify found": {
    changes: {
      [ofVolume(a, "out_of_sync_bytes")]: meanwhile(8192, 2, 0),
      [inState(a, "connection_state", "Connected")]: meanwhile(0, 2, 1),
    },
    at: "6m",
  },
  "metrics that are half a minute late": {
    changes: { [on(a, "written_timestamp_seconds")]: "0+15x19 285+0x2 345+15x130" },
    at: "6m",
  },
  "a mirror that misses one scrape": {
    changes: { [on(b, "written_timestamp_seconds")]: "0+15x19 stale 315+15x130" },
    at: "5m15s",
  },
  "old figures of a mirror whose metrics are stale do not make two that serve": {
    changes: {
      ...switched,
      [ofGroup(a, "serving")]: "1+0x130",
      [ofGroup(a, "vip_present")]: "1+0x130",
      [inState(a, "role", "Primary")]: "1+0x130",
      [on(a, "written_timestamp_seconds")]: "0+15x15 225+0x5 315+15x130",
    },
    at: "6m",
  },
  "a client that was never there": { changes: { [ofClient(a)]: "0x130" } },
  "a client that connects anew": { changes: { [ofClient(a)]: meanwhile(0, 8, 1) }, at: "6m45s" },
  "a client that left hours ago": {
    changes: { ...sampledEach(240), [ofClient(a)]: since(0, 1) },
    at: "4h",
    interval: "4m",
  },
  "slow writes for four minutes": {
    changes: { [ofWrites(a, "volume")]: meanwhile(1, 16, 0), [ofWrites(b, "disk")]: meanwhile(1, 16, 0) },
  },
  "slow writes, by fits": { changes: { [ofWrites(a, "volume")]: "0+0x19 1+0x9 0+0x3 1+0x9 0+0x3 1+0x9" }, at: "14m" },
  "a slow disk, whose volume is fast": { changes: { [ofWrites(b, "disk")]: since(1, 0) }, at: "20m" },
  "slow writes from before a switch, on a mirror that is no Primary any more": {
    changes: { [ofWrites(b, "volume")]: since(1, 0) },
    at: "20m",
  },
  "ZFS pools in which all is well": {
    changes: Object.fromEntries(
      [a, b].flatMap((mirror) => [
        [on(mirror, "zfs_pool_online"), since(1, 1)],
        [on(mirror, "zfs_damaged_blocks"), since(0, 0)],
        [on(mirror, "zfs_disk_faults"), since(0, 0)],
        [on(mirror, "zfs_unsafe_datasets"), since(0, 0)],
      ]),
    ),
  },
  "a source that is busy for a minute": {
    changes: { [on(a, "source_readable", 'source="drbd"')]: meanwhile(0, 6, 1) },
    at: "6m30s",
  },
  "a third vote that is away for a minute": {
    cluster: true,
    changes: { [on(a, "cluster_third_vote")]: meanwhile(0, 6, 1) },
    at: "6m30s",
  },
  "a cluster without a third vote": {
    cluster: true,
    changes: { [on(a, "cluster_third_vote")]: undefined, [on(b, "cluster_third_vote")]: undefined },
  },
  "fencing that rests while a mirror is in standby for maintenance": {
    cluster: true,
    changes: {
      [ofNode(a, "node_standby", b)]: since(1, 0),
      [ofNode(b, "node_standby", b)]: since(1, 0),
      [ofNode(a, "fencing_ready", a)]: meanwhile(0, 40, 1),
    },
  },
  "quorum that comes back at once": {
    cluster: true,
    changes: { [on(a, "cluster_quorum")]: meanwhile(0, 3, 1) },
    at: "5m45s",
  },
};
