#!/usr/bin/env bash
# logical-volume.sh VOLUME BYTES --disk NUMBER
#
# Makes the logical volume of a volume in the mirror's volume group, with at least BYTES; lets it grow where it has
# less. It is active afterwards, as /dev/kvm-mirror/VOLUME. Never shrinks. Every byte that a volume gets is zeroed
# first, on disk: what a deleted volume left there, a client's data or DRBD's metadata, is in no volume.
#   --disk NUMBER  which data disk of the mirror carries the volume, counted from 1: as of drbd-create-metadata.sh
# Refuses (3), with nothing changed: no volume group; too little room in it; a logical volume that was there before,
# with DRBD's metadata, and is missing now, unless NUMBER is larger than the one on record; growing while a snapshot is
# kept (snapshot-before-sync.sh).
# May be interrupted anywhere and run again. Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/backing/lib/made-once.sh"
. "$here/backing/lib/volume-group.sh"
. "$here/backing/lib/snapshots.sh"

[[ $# == 4 && $2 =~ ^[1-9][0-9]*$ && $3 == --disk && $4 =~ ^[1-9][0-9]*$ ]] || usage
name_or_usage "$1"
volume=$1 bytes=$2 number=$4
# One after the other: where the KVM host cannot write zeros without writing them, a large volume takes hours.
take_lock volume-group 86400
need_lvm
need_group
wanted=$(((bytes + extent - 1) / extent))

# An interrupted run's. Nothing was ever stored in them.
for leftover in "new.$volume" "more.$volume"; do
  if lv_there "$leftover"; then lv_drop "$leftover"; fi
done

# undeclared: logical volumes of ours that no DRBD resource here is on.
undeclared() {
  local name
  while read -r name; do
    [[ $name == "$volume" || $name == *.* || -e /etc/drbd.d/$name.res ]] || printf '%s ' "$name"
  done < <(lvm_field lvs lv_name "$vg")
}

# need_room EXTENTS
need_room() {
  local free left
  free=$(lvm_field vgs vg_free_count "$vg")
  [[ $free =~ ^[0-9]+$ ]] || fail "LVM does not tell what is free in the volume group $vg. See: vgs $vg"
  ((free < $1)) || return 0
  left=$(undeclared)
  [[ -z $left ]] || left=" Volumes that left the stack still take room: ${left% }. To delete the data of one, on each"
  [[ -z $left ]] || left+=" mirror: sudo $here/logical-volume-delete.sh NAME delete-its-data"
  refuse "volume $volume needs $1 more extents of 4 MiB, and the volume group $vg has $free free. Give it a larger" \
    "disk (kvm-mirror:backing.lvm.size).$left"
}

if ! lv_there "$volume"; then
  if copy_was_made "$volume" "/dev/$vg/$volume" "$number"; then
    refuse "the logical volume $vg/$volume was there before, with the metadata of volume $volume, and is not there" \
      "now. Nothing was made in its place. Did somebody remove it (vgcfgrestore --list $vg)? If it is lost for good:" \
      "count up kvm-mirror:volumes.$volume.newDisks of this mirror in the stack file, and pulumi up again; the" \
      "peer's data is then copied to it"
  fi
  need_room "$wanted"
  say "making the logical volume $vg/$volume: $((wanted * extent)) bytes, which are zeroed first"
  lv_make "new.$volume" "$wanted"
  lvm_do lvrename "$vg" "new.$volume" "$volume"
  group_on_disk
fi
lv_activate "$volume"

present=$(lv_bytes "$volume")
[[ $present =~ ^[0-9]+$ ]] || fail "LVM does not tell the size of $vg/$volume. See: lvs $vg"
more=$((wanted - present / extent))
((more > 0)) || exit 0
# LVM grows no volume that has one.
find_snapshots
[[ -z ${snapshot_made[$volume]:-} ]] \
  || refuse "the logical volume $vg/$volume does not grow while its snapshot before-sync.$volume is there: a" \
    "synchronisation of volume $volume has not ended. kvm-mirror status says when it has; then pulumi up again." \
    "Where it has already: sudo $here/backing/snapshot-after-sync.sh $volume"
need_room "$more"
say "the logical volume $vg/$volume grows by $((more * extent)) bytes, which are zeroed first"
lv_make "more.$volume" "$more"
# The very extents that were zeroed, freed and taken under one lock.
mapfile -t ranges < <(lvs --segments --noheadings --options seg_pe_ranges "$vg/more.$volume" </dev/null \
  | tr -s ' ' '\n' | sed '/^$/d')
((${#ranges[@]} > 0)) || fail "LVM does not tell where $vg/more.$volume is. See: lvs --segments -o +seg_pe_ranges $vg"
lv_drop "more.$volume"
lvm_do lvextend --extents "+$more" "$vg/$volume" "${ranges[@]}"
group_on_disk
say "the logical volume $vg/$volume has $(lv_bytes "$volume") bytes"
