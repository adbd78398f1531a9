#!/usr/bin/env bash
# pool.sh --disk NUMBER --compression lz4|zstd|off --scrub CALENDAR|never
#
# Makes the mirror's ZFS pool (kvm-mirror-zfs) on its ZFS disk, exactly once, and has its volumes there at boot before
# DRBD. Where the disk has grown, the pool grows with it. A pool that outlived the mirror's OS disk is taken as it is.
#   --disk NUMBER   the ZFS disk is the mirror's NUMBERth (backing.zvol.newDisks of the stack file, plus 1). With a
#                   larger number than the one on record, an empty disk is taken where the pool was before
#   --compression   of what is written from now on
#   --scrub         when all of the pool is read and checked (systemd.time(7)), or never
# Refuses (3), with the disk unharmed: a disk in use; any signature but that of our pool; a disk that is not blank; an
# empty disk where the pool was made before; a pool or zvol with sync=disabled.
# Waits 60 s for the disk. May be interrupted anywhere and run again. Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/lib/at-boot.sh"
. "$here/lib/schedule.sh"
. "$here/backing/lib/data-disk.sh"
. "$here/backing/lib/made-once.sh"
. "$here/backing/lib/pool.sh"

[[ $# == 6 && $1 == --disk && $2 =~ ^[1-9][0-9]*$ && $3 == --compression && $4 =~ ^(lz4|zstd|off)$ && $5 == --scrub ]] \
  || usage
wanted_number=$2 compression=$4 scrub=$6
take_lock pool 600
# What keeps ZFS off the clients' own pools also leaves this disk's partition alone.
"$here/machines/blind.sh"
need_zfs
need_disk "$zfs_disk"
read_made "$pool_record" "$pool_number_record" "$wanted_number"

# half_made: the disk holds what an interrupted run of this left there, and nothing else: ZFS's partitions, and no pool.
half_made() {
  local part found
  [[ $recorded == creating ]] || return 1
  found=$(signatures "$zfs_disk")
  [[ $found =~ ^(PMBR|gpt|zfs_member)(,(PMBR|gpt|zfs_member))*$ ]] || return 1
  for part in "$zfs_disk"-part*; do
    [[ -b $part ]] || continue
    found=$(signatures "$part")
    [[ -z $found || $found == zfs_member ]] || return 1
  done
}

create() {
  local found force=()
  found=$(signatures "$zfs_disk")
  if half_made; then
    force=(-f)
  else
    refuse_if_in_use "$zfs_disk"
    [[ -z $found ]] || refuse "$zfs_disk carries: $found. Expected: an empty disk for the ZFS pool $pool. If its data" \
      "is not needed, wipe it by hand, and pulumi up again: wipefs --all $zfs_disk"
    refuse_lost "the ZFS pool $pool" "$zfs_disk" kvm-mirror:backing.zvol.newDisks
    refuse_unless_blank "$zfs_disk"
  fi
  note_made "$pool_record" creating
  say "making the ZFS pool $pool on $zfs_disk"
  # ashift: blocks of 4 KiB, which is what disks have. failmode: see docs/modes.md.
  zfs_do zpool create "${force[@]}" -o ashift=12 -o autoexpand=off -o autoreplace=off -o failmode=continue \
    -o cachefile=none -O mountpoint=none -O canmount=off -O atime=off -O sync=standard \
    -O "compression=$compression" -O "$pool_mark=yes" "$pool" "$zfs_disk"
  pool_on_disk
}

# take_up: imports the pool on the disk. One that was not on record is looked at first, which changes nothing on it.
take_up() {
  local made
  if [[ $recorded != made ]]; then
    import_pool on
    made=$(zfs_field "$pool_mark" "$pool")
    zfs_do zpool export "$pool"
    [[ $made == yes ]] || not_ours
  fi
  import_pool off
}

if ! pool_imported; then
  names=$(importable)
  case $names in
    "$pool") take_up ;;
    '') create ;;
    *) refuse "$zfs_disk carries the ZFS pool $(tr '\n' ' ' <<<"$names")of somebody else. Nothing was touched" ;;
  esac
fi
own_pool
note_made "$pool_record" made
note_made "$pool_number_record" "$number"

if [[ $(zfs_field compression "$pool") != "$compression" ]]; then
  zfs_do zfs set "compression=$compression" "$pool"
  say "the ZFS pool $pool compresses by $compression what is written from now on"
fi
# The partition that it made ends 8 MiB before the disk does.
if (($(blockdev --getsize64 "$zfs_disk") - $(blockdev --getsize64 "$zfs_part") >= 32 << 20)); then
  zfs_do zpool online -e "$pool" "$zfs_disk"
  say "the ZFS pool $pool has grown with its disk: $(zfs_field available "$pool") bytes are free"
fi
schedule "$scrub_timer" "${scrub#never}" kvm-mirror:backing.zvol.scrub "the ZFS pool is read through"
start_at_boot "$pool_unit" "/etc/systemd/system/$pool_unit"
