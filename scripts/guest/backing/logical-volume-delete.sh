#!/usr/bin/env bash
# logical-volume-delete.sh VOLUME delete-its-data
#
# Deletes the logical volume of a volume that is no longer configured on this mirror, and with it this mirror's copy of
# the data, for good. The second argument is typed in full: there is no way back. Not there any more: nothing happens.
# The records of the volume stay: declared again, it needs a larger `generation` in the stack file.
# Refuses (3), with nothing changed: a volume that is configured here; one that something has open.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/backing/lib/volume-group.sh"
. "$here/backing/lib/snapshots.sh"

[[ $# == 2 && $2 == delete-its-data ]] || usage
name_or_usage "$1"
volume=$1
take_lock volume-group 600
# Where LVM or the group is gone, so is the volume.
have_lvm && vg_seen || exit 0
own_group
[[ ! -e /etc/drbd.d/$volume.res ]] || refuse "volume $volume is configured on this mirror (/etc/drbd.d/$volume.res)." \
  "Take it out of the stack file first: pulumi up"
lv_there "$volume" || exit 0
if [[ -b /dev/$vg/$volume ]]; then
  users=$(ls "/sys/class/block/$(basename "$(readlink -f "/dev/$vg/$volume")")/holders" 2>/dev/null || true)
  [[ -z $users ]] || refuse "$vg/$volume is held by $users"
  find_snapshots
  if [[ -n ${snapshot_made[$volume]:-} ]]; then drop_snapshot "$volume"; fi
  lvchange --activate n "$vg/$volume" </dev/null >&2 \
    || refuse "$vg/$volume is open on this mirror (fuser -vm /dev/$vg/$volume). Nothing was deleted"
fi
lvm_do lvremove "$vg/$volume"
group_on_disk
say "the logical volume $vg/$volume is deleted, and its room is free for others"
