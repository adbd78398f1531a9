#!/usr/bin/env bash
# volume-group-start.sh
#
# At boot, before DRBD: has the logical volumes of the mirror's volume group there (kvm-mirror-lvm.service). By itself
# nothing activates them: udev asks no data disk what is on it (blind.sh). Waits 60 s for the LVM disk.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/backing/lib/volume-group.sh"

[[ $# == 0 ]] || usage
on_disk() { [[ -b $lvm_disk ]]; }
wait_for 60 on_disk || fail "there is no block device at $lvm_disk after 60 s: no volume with backing lvm has its" \
  "copy here. Put the disk back (is a storage pool not mounted?), and start this mirror again"
take_lock volume-group 600
need_lvm
need_group
# Those that an interruption left halfway stay as they are: logical-volume.sh makes them again.
while read -r name; do
  if [[ $name != *.* ]]; then lv_activate "$name"; fi
done < <(lvm_field lvs lv_name "$vg")
