#!/usr/bin/env bash
# pool-start.sh
#
# At boot, before DRBD: imports the mirror's ZFS pool, and has its zvols there (kvm-mirror-zfs.service). By itself
# nothing imports a pool here (blind.sh). Waits 60 s for the ZFS disk.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/backing/lib/pool.sh"

[[ $# == 0 ]] || usage
on_disk() { [[ -b $zfs_part ]]; }
wait_for 60 on_disk || fail "there is no block device at $zfs_part after 60 s: no volume with backing zvol has its" \
  "copy here. Put the disk back (is a storage pool not mounted?), and start this mirror again"
take_lock pool 600
need_zfs
pool_imported || import_pool off
need_pool
while read -r name; do need_device "$name"; done < <(zvols)
