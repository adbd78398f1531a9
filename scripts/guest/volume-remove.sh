#!/usr/bin/env bash
# volume-remove.sh VOLUME
#
# Takes a volume off this mirror: DRBD goes down and forgets it. Its data
# disk is not touched, and what is on record of the volume
# stays: declared again, with the same minor number, it comes back with its data. Not there any more: nothing happens.
# Refuses (3), with nothing changed: a volume that a group exports, one
# that is Primary, one that the cluster still runs.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/drbd-state.sh"
. "$here/lib/group.sh"
. "$here/lib/cluster.sh"
. "$here/lib/cluster-state.sh"

[[ $# == 1 ]] || usage
name_or_usage "$1"
volume=$1
[[ -e /etc/drbd.d/$volume.res ]] || exit 0
take_lock "volume-$volume" 120
group=$(group_of "$volume")
[[ -z $group ]] || refuse "volume $volume is exported by group $group on this mirror (/etc/kvm-mirror/$group.env); \`pulumi up\` takes it out of the group first"
if under_cluster; then
  # It was told to by cluster-apply.sh, and takes its time.
  let_go() {
    read_cluster
    ! grep -qx "drbd-$volume" < <(our_resources <<<"$state")
  }
  wait_for 30 let_go || refuse "the cluster still runs volume $volume after 30 s; \`pulumi up\` has it let go first"
fi
minor=$(minor_of "$volume")
disk_path=$(drbdadm sh-ll-dev "$volume")
read_state "$minor"
[[ $role != Primary ]] || refuse "volume $volume is Primary here: $(seen). Somebody may write to it; stop its group first (group-stop.sh)"
if [[ $cs != Unconfigured ]]; then
  was=$(seen)
  drbdadm down "$volume" >&2 || fail "drbdadm down $volume failed (its words are above); it stays configured"
  say "volume $volume was $was, and is down now"
fi
rm -f "/etc/drbd.d/$volume.res"
sync /etc/drbd.d
say "volume $volume is no longer configured here; its data stays on $disk_path, and with it on the data disk in the KVM host's pool"
