#!/usr/bin/env bash
# group-stop.sh GROUP [--unit | --hand-over]
#
# Stops a group on this mirror: first the servers, while the VIP is still up, so that every client's connection
# ends with a FIN; then the VIP; then the volumes become Secondary. The group no longer starts at boot.
# Of a group without exports the volumes become Secondary, and that is all.
#   --unit       for kvm-mirror-group@GROUP.service at shutdown: the same, but enabled stays enabled, and tgtd is left
#                to systemd (its stop job waits for this one)
#   --hand-over  for a planned switch: refuses (3) while a volume went on alone (its mark) and the peer does not have
#                every write since
# The servers listen again at the end, without the VIP: when the group comes back, they need not be started.
# Under a cluster it runs only while the cluster is paused (cluster-pause.sh). Waits up to 5 s for connections to end,
# 30 s for each volume to become Secondary. Safe to run twice and on the standby.
# Refuses (3) while a volume reaches no good copy and its I/O is suspended: what clients wrote waits in it, and a
# process that has it open cannot be killed. With --unit such a volume is left as it is.
# Exit codes: 0 done, 1 failed (servers and VIP, if any, are off, but a volume is still Primary), 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/lib/at-boot.sh"
. "$here/replication/lib/drbd-state.sh"
. "$here/placement/lib/group.sh"
. "$here/exports/lib/iscsi.sh"
. "$here/exports/lib/serving.sh"
. "$here/placement/lib/cluster.sh"
. "$here/replication/lib/marks.sh"

[[ $# == 1 || ($# == 2 && $2 =~ ^--(unit|hand-over)$) ]] || usage
name_or_usage "$1"
group=$1 mode=${2:---stop}
refuse_under_cluster "use kvm-mirror switch, failover or maintain"
load_group "$group"

# stands_still: no good copy can be reached. While a lost peer is being fenced I/O is suspended, too, but the disk here
# is UpToDate, and that ends by itself.
# shellcheck disable=SC2154  # set by read_state
stands_still() { [[ $role == Primary && $suspended == yes && $disk != UpToDate ]]; }
if [[ $mode != --unit ]]; then
  for volume in $VOLUMES; do
    # A volume that is no longer configured must not keep the others up.
    minor=$(minor_of "$volume" 2>/dev/null) || continue
    read_state "$minor"
    if stands_still; then
      refuse "volume $volume has I/O suspended ($(seen)): reads and writes of clients wait in it, and it cannot" \
        "become Secondary. Nothing was stopped. Bring the peer or the replication network back, or attach its disk:" \
        "drbdadm attach $volume. Then what waits goes on, and the group can be stopped"
    fi
    if [[ $mode == --hand-over && $role == Primary && -n $(alone_since "$volume" "$minor") ]]; then
      refuse "volume $volume went on alone here, and the peer does not have every write since ($(seen)). Nothing was" \
        "stopped. Wait until both are UpToDate"
    fi
  done
fi

if [[ $mode != --unit ]]; then
  # A boot that still waits for its peer ends here, too.
  not_at_boot "kvm-mirror-group@$group.service"
  systemctl stop "kvm-mirror-group@$group.service"
fi
take_lock "group-$group" 60
poll=0.1
withdraw_group "$group"

failed=
for volume in $VOLUMES; do
  minor=$(minor_of "$volume")
  read_state "$minor"
  [[ $role == Primary ]] || continue
  if stands_still; then
    failed=yes
    say "volume $volume stays Primary: its I/O is suspended ($(seen)). Nothing that waits in it was acknowledged"
    continue
  fi
  # udev and the like may have the device open for a moment.
  demote() { complaint=$(drbdadm secondary "$volume" 2>&1); }
  complaint=
  if ! wait_for 30 demote; then
    failed=yes
    say "volume $volume stays Primary after 30 s: $complaint. Open by:" \
      "$(fuser "/dev/drbd$minor" 2>/dev/null || printf 'no process that fuser sees')"
  fi
done
# Only after the volumes are Secondary, so that the peer can take them: stopping a server takes time.
[[ $mode == --unit ]] || start_servers "$group"
[[ -z $failed ]] \
  || fail "group $group: $(if exported; then printf 'servers and VIP are off, but '; fi)not every volume is Secondary"
say "group $group is stopped here"
