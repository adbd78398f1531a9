#!/usr/bin/env bash
# snapshot-after-sync.sh [VOLUME], DRBD's after-resync-target handler of a volume with backing lvm (drbd.conf(5))
#
# The copy here is whole again: the snapshot from before its synchronisation goes (snapshot-before-sync.sh). It stays
# while the copy is anything but UpToDate. Waits 10 s for others at work on the volume group. DRBD names the volume by
# DRBD_RESOURCE and DRBD_MINOR, and waits meanwhile; a person names it where a snapshot was left.
# Exit codes: 0 done, or nothing to do; 1 failed, 2 usage, 3 refused: the copy is not UpToDate.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/replication/lib/drbd-state.sh"
. "$here/backing/lib/volume-group.sh"
. "$here/backing/lib/snapshots.sh"

[[ $# -le 1 ]] || usage
if [[ $# == 0 ]]; then exec 2> >(exec logger -t kvm-mirror-snapshot); fi
volume=${1:-${DRBD_RESOURCE:-}}
name_or_usage "$volume"
minor=${DRBD_MINOR:-}
[[ $# == 0 && $minor =~ ^[0-9]+$ ]] || minor=$(minor_of "$volume")
read_state "$minor"
[[ $disk == UpToDate ]] || refuse "the copy of volume $volume here is $disk: what the snapshot keeps may be needed"
rm -f "$no_snapshot_dir/$volume"
any_snapshot || exit 0
take_lock volume-group 10
find_snapshots
# shellcheck disable=SC2154  # set by find_snapshots
[[ -n ${snapshot_made[$volume]:-} ]] || exit 0
drop_snapshot "$volume"
say "volume $volume is whole: its snapshot is gone"
