#!/usr/bin/env bash
# state.sh
#
# The state of this mirror as one JSON document on stdout. Times are in seconds since 1970.
#   {"mirror": host name,
#    "space": [{"path": mount point that a mirror writes to,
#               "usedPercent": of its bytes or its files, whichever is more}],
#    "drbdVersion": of the kernel module, "" when it is not loaded,
#    "volumes": [{"name", "role", "peerRole", "disk", "peerDisk", "connection", "syncPercent": number or null,
#                 "syncSecondsLeft": of a running synchronisation, as the kernel reckons; else null,
#                 "outOfSyncKiB",
#                 "suspended": whether reads and writes wait,
#                 "generation": DRBD's identifiers of its data (drbdmeta(8), get-gi); null while it is connected,
#                 "lostSince": since when its peer has not been heard; null: it has,
#                 "heardUntil": until when it was: now, while it is connected; null: never since this mirror booted,
#                 "alone": since when it has gone on without its peer (its mark); null: it has not,
#                 "frozen": its Primary stands still, because it could neither tell its peer nor leave a mark,
#                 "comparedAgo": seconds since its copies were last compared, as this mirror knows; null: never, or no
#                                time is set for it (kvm-mirror:verify),
#                 "writes": how long they took over the last minute, on the "volume" and on the "disk" below it here,
#                   each null where it is not known, else
#                   {"seconds": that this covers, "writes": how many, "ms": that they took, all added up,
#                    "stuck": seconds for which writes have waited, and none has ended},
#                 "snapshot": of its copy before a synchronisation; null where there is none, and none failed to be made
#                   {"made": when; null: it could not be, "useless": why, or null: it keeps that copy},
#                 "configuration": SHA-256 of DRBD's files}],
#    "groups": [{"name", "vip": present here; null where it has none, "enabled": at boot,
#                "nbd", "iscsi": listening on the VIP; null where it has none,
#                "configuration": SHA-256 of what the group is and whom it admits}],
#    "outgrown": [{"volume", "protocol",
#                  "address": of a client that has it open with the smaller size of before it grew; null: no client,
#                             but a target serves that size to whoever connects}],
#    "attached": [{"volume", "protocol": "nbd" or "iscsi", "address", "initiator": iSCSI only}],
#    "drbdHangs": DRBD's tools get no answer here, because a disk hangs. Asked only while a volume is not connected,
#    "writesWatched": whether somebody looks how long writes take; null: nobody is to,
#    "firewall": null where none is configured, else
#      {"loaded": whether it is in force, "why": it is not, null: nobody said},
#    "notify": null where this mirror is to tell nobody of trouble, else
#      {"alive": whether its service has looked at the volumes of late,
#       "channels": [{"name": "webhook" or "mail", "waiting": messages that were not delivered yet,
#                     "lastSuccess": null: none since it booted, "error": of the last attempt, or null, "errorAt"}]},
#    "cluster": null without automatic failover, else
#      {"answers": whether Pacemaker runs here, "quorum", "paused": maintenance mode,
#       "pausedBy": the planned switch that paused it; null: paused by hand, or not at all,
#       "nodes": [{"name", "online", "standby", "unclean": to be fenced, "fencing": now, and no attempt has failed}],
#       "groups": [{"name", "mirror": where it runs, or null}],
#       "fences": [{"mirror": that is turned off, "ready": whether its peer is able to}],
#       "qdevice": whether the third vote is there; null where none is configured,
#       "configuration": SHA-256 of corosync's file},
#    "pool": null where this mirror has no ZFS pool, else
#      {"state": as ZFS says (zpoolconcepts(7)); "missing": it is not imported, "silent": ZFS does not answer,
#       "errors": blocks that cannot be read as they were written, null: not known,
#       "faults": reads, writes and checksums that went wrong on its disk since it was imported, null: not known,
#       "scrubbed": when it was last read through, null: not known,
#       "unsafe": names of the pool or of zvols in it with sync=disabled, null: not known},
#    "paths": [{"network", "interface", "to": the peer, or the address of a client's KVM host, "address",
#               "bytes": of a full packet,
#               "carries": the largest packet that gets there and is answered; null: none is}]}
# Roles, disk and connection states are DRBD's own words; "Unconfigured" for a volume that is down. What is down or
# missing is said in the document; it is no error. If the configurations differ between the mirrors, one of them is not
# up to date.
# Exit codes: 0 done, 2 usage.
set -euo pipefail
room=${0%/*}
[[ -e $room/lib/base.sh ]] || room=$(dirname "$(readlink -f "$0")")/..
. "$room/lib/base.sh"
. "$here/lib/at-boot.sh"
. "$here/lib/json.sh"
. "$here/lib/call-waits.sh"
. "$here/replication/lib/drbd-state.sh"
. "$here/replication/lib/marks.sh"
. "$here/replication/lib/may-go-on.sh"
. "$here/replication/lib/lost.sh"
. "$here/replication/lib/path.sh"
. "$here/placement/lib/group.sh"
. "$here/exports/lib/attached.sh"
. "$here/exports/lib/iscsi.sh"
. "$here/exports/lib/outgrown.sh"
. "$here/placement/lib/cluster.sh"
. "$here/placement/lib/cluster-state.sh"
. "$here/placement/lib/pause.sh"
. "$here/placement/lib/cluster-json.sh"
. "$here/monitoring/lib/notify-state.sh"
. "$here/monitoring/lib/write-times.sh"
. "$here/machines/lib/firewall.sh"
. "$here/machines/lib/configurations.sh"
. "$here/machines/lib/verify-schedule.sh"
. "$here/backing/lib/volume-group.sh"
. "$here/backing/lib/snapshots.sh"
. "$here/backing/lib/pool.sh"
. "$here/backing/lib/pool-json.sh"
. "$here/machines/lib/volumes-json.sh"
. "$here/machines/lib/groups-json.sh"
. "$here/machines/lib/paths-json.sh"

[[ $# == 0 ]] || usage
# In the background: an address that does not answer takes a second.
exec {paths}< <(paths_json)
version='' seen='' volumes_seen='' groups_seen='' attached='' outgrown=''
if [[ -r $proc_drbd ]]; then
  read -r seen <"$proc_drbd" || true
  if [[ $seen == 'version: '* ]]; then read -r _ version _ <<<"$seen"; fi
fi
find_volumes
find_groups
if under_cluster; then configured[cluster]=/etc/corosync/corosync.conf; fi
find_configurations
read_states
find_parted
find_writes
if any_snapshot; then find_snapshots; fi
for volume in "${volumes[@]}"; do
  volume_json "$volume"
  volumes_seen+=,$json
done
for group in "${groups[@]}"; do
  load_group "$group"
  group_json "$group"
  groups_seen+=,$json
  add_clients "$group"
done
# Where there are no files to count, df prints "-".
space=$(df --output=target,pcent,ipcent / /run /tmp /var/lib /var/log 2>/dev/null | awk 'NR > 1 && !seen[$1]++ {
  used = $2 + 0; if ($3 + 0 > used) used = $3 + 0
  printf "%s{\"path\":\"%s\",\"usedPercent\":%d}", comma, $1, used; comma = "," }' || true)
cluster=null
if under_cluster; then cluster=$(cluster_json); fi
read -r mirror </proc/sys/kernel/hostname
quote mirror version
printf '{"mirror":%s,"space":[%s],"drbdVersion":%s,"volumes":[%s],"groups":[%s],"outgrown":[%s],"attached":[%s],' \
  "$mirror" "$space" "$version" "${volumes_seen#,}" "${groups_seen#,}" "${outgrown#,}" "${attached#,}"
find_notify_json
printf '"drbdHangs":%s,"writesWatched":%s,"firewall":%s,"notify":%s,"cluster":%s,' \
  "$drbd_hangs" "$writes_watched" "$(firewall_json)" "$json" "$cluster"
find_pool_json
printf '"pool":%s,"paths":%s}\n' "$json" "$(cat <&"$paths")"
