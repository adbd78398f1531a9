#!/usr/bin/env bash
# volume-remove.sh VOLUME
#
# Removes a volume from this mirror: DRBD takes it down and forgets it. Its data disk and the records of it stay.
# Declared again with the same minor number, the volume comes back with its data. Not there any more: nothing happens.
# Refuses (3), with nothing changed: a group exports it; it is Primary; the cluster still runs it.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/replication/lib/drbd-state.sh"
. "$here/placement/lib/group.sh"
. "$here/placement/lib/cluster.sh"
. "$here/placement/lib/cluster-state.sh"

[[ $# == 1 ]] || usage
name_or_usage "$1"
volume=$1
[[ -e /etc/drbd.d/$volume.res ]] || exit 0
take_lock "volume-$volume" 120
group=$(group_of "$volume")
[[ -z $group ]] || refuse "group $group exports volume $volume on this mirror (/etc/kvm-mirror/$group.env). Take it" \
  "out of the group first: pulumi up"
if under_cluster; then
  # cluster-apply.sh told it to; it takes its time.
  let_go() {
    read_cluster
    ! grep -qx "drbd-$volume" < <(our_resources <<<"$state")
  }
  wait_for 30 let_go || refuse "the cluster still runs volume $volume after 30 s. Take it out of the cluster first:" \
    "pulumi up"
fi
minor=$(minor_of "$volume")
disk_path=$(drbdadm sh-ll-dev "$volume")
read_state "$minor"
[[ $role != Primary ]] || refuse "volume $volume is Primary here ($(seen)): a client may write to it. Stop its group" \
  "first: group-stop.sh"
if [[ $cs != Unconfigured ]]; then
  was=$(seen)
  drbdadm down "$volume" >&2 || fail "drbdadm down $volume failed; its error message is above. The volume stays" \
    "configured"
  say "volume $volume was $was, and is down now"
fi
rm -f "/etc/drbd.d/$volume.res"
sync /etc/drbd.d
say "volume $volume is no longer configured here. Its data stays on $disk_path: its data disk in the KVM host's pool," \
  "or its logical volume"
