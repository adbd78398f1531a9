#!/usr/bin/env bash
# volume-group.sh --disk NUMBER
#
# Makes the mirror's volume group (kvm-mirror) on its LVM disk, exactly once, and has its logical volumes there at boot
# before DRBD. Where the disk has grown, the group grows with it. A group that outlived the mirror's OS disk is taken as
# it is.
#   --disk NUMBER  the LVM disk is the mirror's NUMBERth (backing.lvm.newDisks of the stack file, plus 1). With a larger
#                  number than the one on record, an empty disk is taken where the group was before
# Refuses (3), with the disk unharmed: a disk in use; any signature but that of our group; a disk that is not blank; an
# empty disk where the group was made before; a disk that is smaller than the group.
# Waits 60 s for the disk. May be interrupted anywhere and run again. Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/lib/at-boot.sh"
. "$here/backing/lib/data-disk.sh"
. "$here/backing/lib/made-once.sh"
. "$here/backing/lib/volume-group.sh"

[[ $# == 2 && $1 == --disk && $2 =~ ^[1-9][0-9]*$ ]] || usage
wanted_number=$2
take_lock volume-group 600
need_lvm
# What keeps LVM off the clients' own volume groups also shows it this disk. A package may have come since.
"$here/machines/blind.sh"
need_disk "$lvm_disk"
read_made "$vg_record" "$vg_number_record" "$wanted_number"

create() {
  refuse_if_in_use "$lvm_disk"
  local found
  found=$(signatures "$lvm_disk")
  # Interrupted between label and group: there is nothing in it.
  if [[ $found != LVM2_member || $recorded != creating ]]; then
    [[ -z $found ]] || refuse "$lvm_disk carries: $found. Expected: an empty disk for the volume group $vg. If its" \
      "data is not needed, wipe it by hand, and pulumi up again: wipefs --all $lvm_disk"
    refuse_lost "the volume group $vg" "$lvm_disk" kvm-mirror:backing.lvm.newDisks
    [[ $recorded == creating ]] || refuse_unless_blank "$lvm_disk"
  fi
  note_made "$vg_record" creating
  say "making the volume group $vg on $lvm_disk"
  # No --force and no --yes: LVM's own check for signatures stays in force and is answered by no. Extent and alignment
  # are those that src/plan/backing/lvm.ts counts with.
  lvm_do vgcreate --physicalextentsize "${extent}b" --dataalignment 1m --addtag "$vg" "$vg" "$lvm_disk"
  group_on_disk
}

if vg_seen; then
  own_group
else
  create
fi
note_made "$vg_record" made
note_made "$vg_number_record" "$number"

held=$(lvm_field pvs pv_size "$lvm_disk")
start=$(lvm_field pvs pe_start "$lvm_disk")
bytes=$(blockdev --getsize64 "$lvm_disk")
[[ $held =~ ^[0-9]+$ && $start =~ ^[0-9]+$ ]] || fail "LVM does not tell the size of $lvm_disk. See: pvs -v $lvm_disk"
((start + held <= bytes)) \
  || refuse "$lvm_disk has $bytes bytes, and the volume group $vg on it needs $((start + held)). An LVM disk never" \
    "shrinks"
if ((bytes - start - held >= extent)); then
  lvm_do pvresize "$lvm_disk"
  group_on_disk
  say "the volume group $vg has grown with its disk, to $(lvm_field vgs vg_size "$vg") bytes"
fi
start_at_boot "$lvm_unit" "/etc/systemd/system/$lvm_unit"
