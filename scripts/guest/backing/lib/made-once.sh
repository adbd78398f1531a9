# shellcheck shell=bash
# What is made once on a disk of this mirror that volumes share: a volume group, a ZFS pool. Needs base.sh.

# need_disk DEVICE: waits 60 s for it.
need_disk() {
  wait_for 60 test -b "$1" || fail "there is no block device at $1 after 60 s. Disks here:" \
    "$(lsblk -dno NAME,SERIAL | tr -s ' \n' ' ,')"
}

# read_made RECORD NUMBER_RECORD WANTED: sets recorded to "creating", "made" or nothing; number to which disk of the
# mirror it is on, counted from 1; new_disk to yes when the stack file (WANTED) says that the one on record is lost.
# shellcheck disable=SC2034  # the results
read_made() {
  recorded='' number=1 new_disk=no
  if [[ -e $1 ]]; then recorded=$(<"$1"); fi
  if [[ -e $2 ]]; then number=$(<"$2"); fi
  if (($3 > number)); then new_disk=yes number=$3; fi
}

# note_made RECORD WORD
note_made() { printf '%s\n' "$2" | write_durably "$1" 0644; }

# copy_was_made VOLUME DEVICE NUMBER: DRBD's metadata of the volume were made on this device before, and the stack file
# says of no later disk (NUMBER) that what was there is lost.
# shellcheck disable=SC2154  # record_dir: base.sh
copy_was_made() {
  local made_on had
  made_on=$(cat "$record_dir/$1.metadata" 2>/dev/null || true)
  had=$(cat "$record_dir/$1.disk" 2>/dev/null || echo 1)
  [[ $made_on == "made $2" ]] && (($3 <= had))
}

# refuse_lost WHAT DEVICE KEY: it was made, is not there, and nobody said that it is lost.
refuse_lost() {
  if [[ $recorded == made && $new_disk == no ]]; then
    refuse "$1 was made on $2 before, and is not there now. Was the disk replaced by a new one? If the old disk" \
      "still exists, put it back (is a storage pool not mounted?). If it is lost for good: count up $3 of this mirror" \
      "in the stack file, and pulumi up again; the peer's data is then copied"
  fi
}
