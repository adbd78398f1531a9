#!/usr/bin/env bash
# group-stop.sh GROUP [--unit | --hand-over]
#
# Stops a group on this mirror: first the servers, while the VIP is still up, so that every client's connection
# ends with a FIN; then the VIP; then the volumes become Secondary. The group no longer starts at boot.
# Of a group without exports the volumes become Secondary, and that is all.
#   --unit       for kvm-mirror-group@GROUP.service at shutdown: the same, but enabled stays enabled, and tgtd is left
#                to systemd (its stop job waits for this one)
#   --hand-over  for a planned switch: refuses (3) while a volume went on alone (its mark) and the peer does not have
#                every write since. When the first line on stdin is "quietly", clients are not told: the VIP goes first,
#                so that no FIN reaches them, and the mirror that takes over ends their connections when it serves. Each
#                is on stdout, "client SERVER CLIENT" (ADDRESS:PORT), and "all told" ends the list. A client that is
#                told at once comes back too early, is refused, and tries again a second later
# The servers listen again at the end, without the VIP: when the group comes back, they need not be started. The group's
# unit is stopped last, for the same reason: clients wait until the volumes are Secondary.
# Under a cluster it runs only while the cluster is paused (cluster-pause.sh). Waits up to 10 s for the servers, 5 s for
# connections to end, 30 s for the volumes to become Secondary. Safe to run twice and on the standby.
# Refuses (3) while a volume reaches no good copy and its I/O is suspended: what clients wrote waits in it, and a
# process that has it open cannot be killed. With --unit such a volume is left as it is.
# Exit codes: 0 done, 1 failed (servers and VIP, if any, are off, but a volume is still Primary), 2 usage, 3 refused.
set -euo pipefail
room=${0%/*}
[[ -e $room/lib/base.sh ]] || room=$(dirname "$(readlink -f "$0")")/..
. "$room/lib/base.sh"
. "$here/lib/at-boot.sh"
. "$here/replication/lib/drbd-state.sh"
. "$here/placement/lib/group.sh"
. "$here/exports/lib/iscsi.sh"
. "$here/exports/lib/serving.sh"
. "$here/placement/lib/cluster.sh"
. "$here/replication/lib/marks.sh"
. "$here/exports/lib/clients.sh"

[[ $# == 1 || ($# == 2 && $2 =~ ^--(unit|hand-over)$) ]] || usage
name_or_usage "$1"
group=$1 mode=${2:---stop}
refuse_under_cluster "use kvm-mirror switch, failover or maintain"
load_group "$group"

# stands_still: no good copy can be reached. While a lost peer is being fenced I/O is suspended, too, but the disk here
# is UpToDate, and that ends by itself.
# shellcheck disable=SC2154  # set by state_of
stands_still() { [[ $role == Primary && $suspended == yes && $disk != UpToDate ]]; }
# A volume that is no longer configured must not keep the others up.
# shellcheck disable=SC2086  # a list of words
find_minors $VOLUMES 2>/dev/null || true
if [[ $mode != --unit ]]; then
  read_states
  for volume in $VOLUMES; do
    minor=${minors[$volume]:-}
    [[ -n $minor ]] || continue
    state_of "$minor"
    if stands_still; then
      refuse "volume $volume has I/O suspended ($(seen)): reads and writes of clients wait in it, and it cannot" \
        "become Secondary. Nothing was stopped. Bring the peer or the replication network back, or attach its disk:" \
        "drbdadm attach $volume. Then what waits goes on, and the group can be stopped"
    fi
    if [[ $mode == --hand-over && $role == Primary ]] && ! whole \
      && [[ -n $(alone_since "$volume" "$minor") ]]; then
      refuse "volume $volume went on alone here, and the peer does not have every write since ($(seen)). Nothing was" \
        "stopped. Wait until both are UpToDate"
    fi
  done
fi

# leave_quietly: a caller that is gone must not end this script.
leave_quietly() {
  local clients=() before=()
  trap '' PIPE
  find_clients && before=("${clients[@]}")
  tell_caller "${before[@]}"
  take_vip_down
  # Who has come in between.
  find_clients || true
  [[ ${clients[*]} == "${before[*]}" ]] || tell_caller "${clients[@]}"
  printf 'all told\n' 2>/dev/null || true
  leave_connections "$group" "${before[@]}" "${clients[@]}"
}
tell_caller() { (($# == 0)) || printf 'client %s\n' "$@" 2>/dev/null || true; }

unit=kvm-mirror-group@$group.service
if [[ $mode != --unit ]]; then
  not_at_boot "$unit"
  # A boot that still waits for its peer ends here. The unit of a group that runs is stopped below: that takes time.
  [[ -e $active_dir/$group ]] || systemctl stop "$unit"
fi
take_lock "group-$group" 60
poll=0.05
# find_primaries: sets primaries to those that can become Secondary.
find_primaries() {
  local volume
  primaries=()
  read_states
  for volume in $VOLUMES; do
    state_of "${minors[$volume]:-none}"
    if [[ $role == Primary ]] && ! stands_still; then primaries+=("$volume"); fi
  done
}
find_primaries
# The unit's own stop, at the end of an operator's: all is done.
if [[ $mode == --unit && ! -e $active_dir/$group && ${#primaries[@]} == 0 ]] && ! vip_present; then exit 0; fi
# The caller holds stdin, and says so at once if it does at all.
if [[ $mode == --hand-over ]] && vip_present && read -r -t 1 word && [[ $word == quietly ]]; then leave_quietly; fi
withdraw_group "$group"

failed=
# All at the same time. udev and the like may have a device open for a moment: then each by itself, so that none is in
# the way of another.
demote() {
  local volume status=0
  find_primaries
  if [[ -z $complaint ]]; then
    complaint=$(drbdadm_at_once secondary "${primaries[@]}" 2>&1) || status=1
    return "$status"
  fi
  for volume in "${primaries[@]}"; do complaint=$(exec drbdadm secondary "$volume" 2>&1) || status=1; done
  return "$status"
}
complaint=
if ! wait_for 30 demote; then
  find_primaries
  failed=yes
  for volume in "${primaries[@]}"; do
    say "volume $volume stays Primary after 30 s: $complaint. Open by:" \
      "$(fuser "/dev/drbd${minors[$volume]}" 2>/dev/null || printf 'no process that fuser sees')"
  done
fi
read_states
for volume in $VOLUMES; do
  if [[ -z ${minors[$volume]:-} ]]; then
    failed=yes
    say "volume $volume is not in this mirror's DRBD configuration (expected /etc/drbd.d/$volume.res;" \
      "drbd-configure.sh installs it)"
    continue
  fi
  state_of "${minors[$volume]}"
  if stands_still; then
    failed=yes
    say "volume $volume stays Primary: its I/O is suspended ($(seen)). Nothing that waits in it was acknowledged"
  fi
done
# Only after the volumes are Secondary, so that the peer can take them: stopping a server takes time.
if [[ $mode != --unit ]]; then
  start_servers "$group"
  release_lock
  systemctl stop "$unit" || say "$unit did not stop: systemctl status $unit"
fi
[[ -z $failed ]] \
  || fail "group $group: $(if exported; then printf 'servers and VIP are off, but '; fi)not every volume is Secondary"
say "group $group is stopped here"
