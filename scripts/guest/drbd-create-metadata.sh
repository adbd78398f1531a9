#!/usr/bin/env bash
# drbd-create-metadata.sh VOLUME [--new-disk | --disk NUMBER]
#
# Creates DRBD's internal metadata on the volume's data disk, exactly once. Then brings the volume up, and has
# drbd.service start it at boot (in automatic failover Pacemaker does that).
# Metadata that this script made carries a device UUID derived from the volume and the disk's path. By it a data disk is
# recognised that outlived its mirror's OS disk. Such a disk is brought up as it is, and released from partitions,
# logical volumes and arrays that this mirror's kernel found in a client's data on it.
#   --new-disk     the operator confirmed that the disk is a new one in place of a disk that had this volume's metadata,
#                  and that the peer has the data (kvm-mirror recover). Otherwise an empty disk where metadata was is
#                  refused
#   --disk NUMBER  the same confirmation from the stack file (volumes.VOLUME.newDisks, generation): this is data disk
#                  NUMBER of the mirror, which was made with 1. A new disk has a larger number than the one on record
# Refuses (3), with the disk unharmed:
#   - any other disk in use;
#   - any signature (file system, LVM, RAID, partition table) without this volume's own metadata;
#   - DRBD metadata of something else;
#   - a disk without a signature that is not blank;
#   - a disk smaller than the volume last was.
# Waits 60 s for the disk. May be interrupted anywhere and run again. Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/drbd-state.sh"
. "$here/lib/at-boot.sh"
. "$here/lib/data-disk.sh"
. "$here/lib/cluster.sh"

[[ $# == 1 || ($# == 2 && $2 == --new-disk) || ($# == 3 && $2 == --disk && $3 =~ ^[1-9][0-9]*$) ]] || usage
name_or_usage "$1"
volume=$1 new_disk=
if [[ ${2:-} == --new-disk ]]; then new_disk=yes; fi
take_lock "volume-$volume" 120
load_drbd
minor=$(minor_of "$volume")
disk_path=$(drbdadm sh-ll-dev "$volume")
# "creating PATH" is on record before the first byte of metadata is written: what is on the disk then is our own
# interrupted attempt. "made PATH" follows when the metadata is complete.
record=$record_dir/$volume.metadata
recorded=
if [[ -e $record ]]; then recorded=$(<"$record"); fi

# Which disk the metadata was last made for. The confirmation of a new disk holds once.
number_record=$record_dir/$volume.disk
number=1
if [[ -e $number_record ]]; then number=$(<"$number_record"); fi
if [[ ${2:-} == --disk ]] && (($3 > number)); then new_disk=yes number=$3; fi
record_number() {
  if [[ ! -e $number_record || $(<"$number_record") != "$number" ]]; then
    printf '%s\n' "$number" | write_durably "$number_record" 0644
  fi
}

bring_up() {
  discreet_drbdadm adjust "$volume" || fail "drbdadm adjust $volume failed; its error message is above"
  attached() {
    read_state "$minor"
    [[ $disk != Diskless && $disk != Attaching && $disk != Unconfigured ]]
  }
  wait_for 30 attached || fail "volume $volume did not attach its disk $disk_path within 30 s: $(seen)"
  # Pacemaker brings volumes up by itself.
  under_cluster || start_at_boot drbd.service
}

create() {
  say "creating metadata for $volume on $disk_path"
  printf 'creating %s\n' "$disk_path" | write_durably "$record" 0644
  # No --force and no stdin: drbdmeta's own check for data on the disk stays in force and answers no.
  drbdadm create-md "$volume" </dev/null >&2 \
    || fail "drbdadm create-md $volume failed; its error message is above. Nothing was forced"
  mark_as_own
}

mark_as_own() {
  metadata "$volume" write-dev-uuid "$own_uuid" >/dev/null
  sync "$disk_path"
  record_as_made
}

record_as_made() { printf 'made %s\n' "$disk_path" | write_durably "$record" 0644; }

read_state "$minor"
if [[ $cs != Unconfigured && $disk != Diskless && $disk != Unconfigured ]]; then
  bring_up
  record_number
  say "$volume is up already: $(seen)"
  exit 0
fi

on_disk() { [[ -b $disk_path ]]; }
wait_for 60 on_disk || fail "there is no block device at $disk_path after 60 s. Disks here:" \
  "$(lsblk -dno NAME,SERIAL | tr -s ' \n' ' ,')"
own_uuid=$(own_device_uuid "$volume" "$disk_path")
# First: is it a disk of ours? What a client wrote on it must not make it look like another one.
known_bytes=$(last_known_bytes "$minor")
if carries_mark "$disk_path" "$own_uuid" \
  || { [[ -n $known_bytes ]] && carries_mark "$disk_path" "$own_uuid" "$known_bytes"; }; then
  release_own_disk "$volume" "$disk_path"
else
  refuse_if_in_use "$disk_path"
fi
found=$(signatures "$disk_path")
if ! has_drbd "$found" && [[ $recorded == "made $disk_path" ]]; then
  # Internal metadata is at the end of a disk. Where the disk has grown, DRBD finds it at its last known place, and
  # moves it.
  drbdadm check-resize "$volume" </dev/null >&2 || true
  found=$(signatures "$disk_path")
fi
if has_drbd "$found"; then
  generation=$(metadata "$volume" get-gi) \
    || refuse "$disk_path has DRBD metadata that this DRBD cannot read (expected version v08): $found. Give the" \
      "volume an empty disk, or remove the metadata by hand"
  seen_uuid=$(metadata "$volume" read-dev-uuid)
  if [[ ${seen_uuid^^} != "$own_uuid" ]]; then
    # Interrupted between create-md and the mark: nothing was ever stored through such metadata.
    if [[ $recorded != "creating $disk_path" || $generation != 0000000000000004:0000000000000000:* ]] \
      || [[ $(agreed_sectors "$volume") != 0 ]]; then
      refuse "$disk_path has DRBD metadata of something else: device UUID $seen_uuid, expected $own_uuid for" \
        "volume $volume at this path. Nothing was touched. Give the volume an empty disk"
    fi
    mark_as_own
  elif [[ $recorded != "made $disk_path" ]]; then
    # Interrupted after the mark, or the disk outlived the OS disk that had the record.
    record_as_made
  fi
  agreed=$(agreed_sectors "$volume")
  ((agreed <= $(blockdev --getsz "$disk_path"))) \
    || refuse "$disk_path has $(blockdev --getsz "$disk_path") sectors, but volume $volume last had $agreed. A data" \
      "disk never shrinks"
  say "$disk_path carries the metadata of $volume. It stays as it is"
elif [[ -n $found ]]; then
  refuse "$disk_path carries: $found. Expected: an empty disk for volume $volume. If its data is not needed, wipe it" \
    "by hand, and run this again: wipefs --all $disk_path"
else
  if [[ $recorded == "made $disk_path" && -z $new_disk ]]; then
    refuse "the metadata of $volume was made on $disk_path before, and is not there now. Was the disk made smaller," \
      "or replaced by a new one? If the old disk still exists, put it back (is a storage pool not mounted?). For a" \
      "new, empty disk: kvm-mirror recover $volume; the peer's data is then copied to it"
  fi
  [[ $recorded == "creating $disk_path" ]] || refuse_unless_blank "$disk_path"
  create
fi
record_number
bring_up
read_state "$minor"
say "$volume is up: $(seen)"
