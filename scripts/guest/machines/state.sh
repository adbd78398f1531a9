#!/usr/bin/env bash
# state.sh
#
# The state of this mirror as one JSON document on stdout. Times are in seconds since 1970.
#   {"mirror": host name,
#    "space": [{"path": mount point that a mirror writes to,
#               "usedPercent": of its bytes or its files, whichever is more}],
#    "paths": [{"network", "interface", "to": the peer, or the address of a client's KVM host, "address",
#               "bytes": of a full packet,
#               "carries": the largest packet that gets there and is answered; null: none is}],
#    "drbdVersion": of the kernel module, "" when it is not loaded,
#    "volumes": [{"name", "role", "peerRole", "disk", "peerDisk", "connection", "syncPercent": number or null,
#                 "syncSecondsLeft": of a running synchronisation, as the kernel reckons; else null,
#                 "outOfSyncKiB",
#                 "suspended": whether reads and writes wait,
#                 "generation": DRBD's identifiers of its data (drbdmeta(8), get-gi); null while it is connected,
#                 "lostSince": since when its peer has not been heard; null: it has,
#                 "alone": since when it has gone on without its peer (its mark); null: it has not,
#                 "frozen": its Primary stands still, because it could neither tell its peer nor leave a mark,
#                 "configuration": SHA-256 of DRBD's files}],
#    "groups": [{"name", "vip": present here; null where it has none, "enabled": at boot,
#                "nbd", "iscsi": listening on the VIP; null where it has none,
#                "configuration": SHA-256 of what the group is and whom it admits}],
#    "outgrown": [{"volume", "protocol",
#                  "address": of a client that has it open with the smaller size of before it grew; null: no client,
#                             but a target serves that size to whoever connects}],
#    "attached": [{"volume", "protocol": "nbd" or "iscsi", "address", "initiator": iSCSI only}],
#    "firewall": null where none is configured, else
#      {"loaded": whether it is in force, "why": it is not, null: nobody said},
#    "cluster": null without automatic failover, else
#      {"answers": whether Pacemaker runs here, "quorum", "paused": maintenance mode,
#       "pausedBy": the planned switch that paused it; null: paused by hand, or not at all,
#       "nodes": [{"name", "online", "standby", "unclean": to be fenced}],
#       "groups": [{"name", "mirror": where it runs, or null}],
#       "fences": [{"mirror": that is turned off, "ready": whether its peer is able to}],
#       "qdevice": whether the third vote is there; null where none is configured,
#       "configuration": SHA-256 of corosync's file}}
# Roles, disk and connection states are DRBD's own words; "Unconfigured" for a volume that is down. What is down or
# missing is said in the document; it is no error. If the configurations differ between the mirrors, one of them is not
# up to date.
# Exit codes: 0 done, 2 usage.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/lib/at-boot.sh"
. "$here/replication/lib/drbd-state.sh"
. "$here/placement/lib/group.sh"
. "$here/exports/lib/attached.sh"
. "$here/exports/lib/iscsi.sh"
. "$here/exports/lib/outgrown.sh"
. "$here/lib/json.sh"
. "$here/replication/lib/marks.sh"
. "$here/replication/lib/may-go-on.sh"
. "$here/replication/lib/lost.sh"
. "$here/placement/lib/cluster.sh"
. "$here/placement/lib/cluster-state.sh"
. "$here/placement/lib/pause.sh"
. "$here/placement/lib/cluster-json.sh"
. "$here/replication/lib/path.sh"
. "$here/machines/lib/firewall.sh"

[[ $# == 0 ]] || usage
declare -A volume_of=()

volume_json() {
  local volume=$1
  read_state "$2"
  printf '{"name":%s,"role":%s,"peerRole":%s,"disk":%s,"peerDisk":%s,"connection":%s,' \
    "$(json_text "$volume")" "$(json_text "$role")" "$(json_text "$peer_role")" "$(json_text "$disk")" \
    "$(json_text "$peer_disk")" "$(json_text "$cs")"
  # shellcheck disable=SC2154  # set by read_state
  printf '"syncPercent":%s,"syncSecondsLeft":%s,"outOfSyncKiB":%s,"suspended":%s,%s,"configuration":"%s"}\n' \
    "${percent:-null}" "${seconds_left:-null}" "$oos_kib" "$(json_truth test "$suspended" = yes)" \
    "$(parted_json "$volume" "$2")" "$(configuration_of /etc/drbd.d/global_common.conf "/etc/drbd.d/$volume.res")"
}

# parted_json VOLUME MINOR: what counts only while a volume is not whole; after read_state.
parted_json() {
  local volume=$1 generation=null since='' alone=''
  alone=$(alone_since "$volume" "$2" || true)
  # shellcheck disable=SC2154  # set by read_state
  if ! connected && [[ $cs != Unconfigured ]]; then
    since=$(lost_since "$volume")
    if [[ $disk != Diskless && $disk != Failed ]]; then
      generation=$(json_text "$("$here/replication/volume-generation.sh" "$volume" 2>/dev/null || true)")
    fi
    [[ $generation != '""' ]] || generation=null
  fi
  printf '"generation":%s,"lostSince":%s,"alone":%s,"frozen":%s' \
    "$generation" "${since:-null}" "${alone:-null}" "$(json_truth test -e "$frozen_dir/$volume")"
}

group_json() {
  local group=$1 vip=null nbd=null iscsi=null
  if exported; then vip=$(json_truth vip_present); fi
  if [[ $NBD == yes ]]; then nbd=$(json_truth listening "$NBD_PORT"); fi
  if [[ $ISCSI == yes ]]; then iscsi=$(json_truth listening "$ISCSI_PORT"); fi
  printf '{"name":%s,"vip":%s,"enabled":%s,"nbd":%s,"iscsi":%s,"configuration":"%s"}\n' "$(json_text "$group")" "$vip" \
    "$(json_truth starts_at_boot "kvm-mirror-group@$group.service")" "$nbd" "$iscsi" "$(group_configuration "$group")"
}

# attached_json PROTOCOL: lines "DEVICE ADDRESS [INITIATOR]" on stdin.
attached_json() {
  local device address initiator
  while read -r device address initiator; do
    printf '{"volume":%s,"protocol":"%s","address":%s%s}\n' "$(json_text "${volume_of[$device]:-}")" "$1" \
      "$(json_text "$address")" "${initiator:+,\"initiator\":$(json_text "$initiator")}"
  done
}

# outgrown_json GROUP: for the volumes that it serves here.
outgrown_json() {
  local protocol device address
  [[ -e $active_dir/$1 ]] || return 0
  while read -r protocol device address; do
    if [[ $address == - ]]; then address=null; else address=$(json_text "$address"); fi
    printf '{"volume":%s,"protocol":"%s","address":%s}\n' \
      "$(json_text "${volume_of[$device]:-}")" "$protocol" "$address"
  done < <(outgrown "$1" 2>/dev/null)
}

# path_json NETWORK INTERFACE TO FROM ADDRESS BYTES
path_json() {
  probe "$4" "$5" "$6"
  printf '{"network":"%s","interface":%s,"to":%s,"address":%s,"bytes":%s,"carries":%s}\n' \
    "$1" "$(json_text "$2")" "$(json_text "$3")" "$(json_text "$5")" "$6" "${carries:-null}"
}
# paths_json: to the peer, and to the clients of the groups that this mirror serves.
paths_json() {
  local peer from to interface file bytes
  if read -r peer from to < <(replication_path); then
    interface=$(interface_of "$from")
    [[ -z $interface ]] || path_json replication "$interface" "$peer" "$from" "$to" "$(mtu_of "$interface")"
  fi
  for file in /etc/kvm-mirror/*.env; do
    [[ -e $file ]] || continue
    load_group "$(basename "$file" .env)"
    vip_present || continue
    while read -r to bytes; do path_json storage "$VIP_INTERFACE" "$to" "$VIP" "$to" "$bytes"; done < <(client_paths)
  done
}

# In the background: an address that does not answer takes seconds.
exec {paths}< <(paths_json)
version=
if [[ -r $proc_drbd ]]; then version=$(sed -n '1s/^version: \([^ ]*\).*/\1/p' "$proc_drbd"); fi
volumes='' groups='' attached='' outgrown=''
for file in /etc/drbd.d/*.res; do
  [[ -e $file ]] || continue
  volume=$(basename "$file" .res)
  minor=$(drbdadm sh-minor "$volume" 2>/dev/null) || minor=none
  volume_of["/dev/drbd$minor"]=$volume
  volumes+=$(volume_json "$volume" "$minor")$'\n'
done
for file in /etc/kvm-mirror/*.env; do
  [[ -e $file ]] || continue
  group=$(basename "$file" .env)
  load_group "$group"
  groups+=$(group_json "$group")$'\n'
  if [[ $NBD == yes ]]; then attached+=$(nbd_clients | attached_json nbd)$'\n'; fi
  if [[ $ISCSI == yes ]] && listening "$ISCSI_PORT"; then
    attached+=$({ iscsi_sessions "$group" || true; } | attached_json iscsi)$'\n'
  fi
  outgrown+=$(outgrown_json "$group")$'\n'
done
# Where there are no files to count, df prints "-".
space=$(df --output=target,pcent,ipcent / /run /tmp /var/lib /var/log 2>/dev/null | awk 'NR > 1 && !seen[$1]++ {
  used = $2 + 0; if ($3 + 0 > used) used = $3 + 0; printf "{\"path\":\"%s\",\"usedPercent\":%d}\n", $1, used }' || true)
cluster=null
if under_cluster; then cluster=$(cluster_json); fi
printf '{"mirror":%s,"space":%s,"paths":%s,"drbdVersion":%s,"volumes":%s,' "$(json_text "$(uname -n)")" \
  "$(json_list <<<"$space")" "$(json_list <&"$paths")" "$(json_text "$version")" "$(json_list <<<"$volumes")"
printf '"groups":%s,"outgrown":%s,"attached":%s,"firewall":%s,"cluster":%s}\n' "$(json_list <<<"$groups")" \
  "$(json_list <<<"$outgrown")" "$(json_list <<<"$attached")" "$(firewall_json)" "$cluster"
