#!/usr/bin/env bash
# zvol-delete.sh VOLUME delete-its-data
#
# Deletes the zvol of a volume that is no longer configured on this mirror, and with it this mirror's copy of the data,
# for good. The second argument is typed in full: there is no way back. Not there any more: nothing happens. The records
# of the volume stay: declared again, it needs a larger `generation` in the stack file.
# Refuses (3), with nothing changed: a volume that is configured here; one that something has open; one with snapshots.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/backing/lib/pool.sh"

[[ $# == 2 && $2 == delete-its-data ]] || usage
name_or_usage "$1"
volume=$1
take_lock pool 600
# Where ZFS or the pool is gone, so is the volume.
command -v zpool >/dev/null && pool_imported || exit 0
own_pool
[[ ! -e /etc/drbd.d/$volume.res ]] || refuse "volume $volume is configured on this mirror (/etc/drbd.d/$volume.res)." \
  "Take it out of the stack file first: pulumi up"
zvol_there "$volume" || exit 0
# Without -r and -f: ZFS itself refuses a volume that is open, or has snapshots.
zfs destroy "$pool/$volume" </dev/null >&2 \
  || refuse "$pool/$volume is open on this mirror (fuser -vm /dev/zvol/$pool/$volume), or has snapshots (zfs list -t" \
    "snapshot). Nothing was deleted"
pool_on_disk
say "the zvol $pool/$volume is deleted, and its room is free for others"
