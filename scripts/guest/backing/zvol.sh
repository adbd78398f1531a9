#!/usr/bin/env bash
# zvol.sh VOLUME BYTES --disk NUMBER
#
# Makes the zvol of a volume in the mirror's ZFS pool, with at least BYTES; lets it grow where it has less. Its space is
# reserved. It is there afterwards, as /dev/zvol/kvm-mirror-zfs/VOLUME. Never shrinks. What was never written reads as
# zeros.
#   --disk NUMBER  which data disk of the mirror carries the volume, counted from 1: as of drbd-create-metadata.sh
# Refuses (3), with nothing changed: no pool; too little room in it; a zvol that was there before, with DRBD's metadata,
# and is missing now, unless NUMBER is larger than the one on record.
# May be interrupted anywhere and run again. Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/backing/lib/made-once.sh"
. "$here/backing/lib/pool.sh"

[[ $# == 4 && $2 =~ ^[1-9][0-9]*$ && $3 == --disk && $4 =~ ^[1-9][0-9]*$ ]] || usage
name_or_usage "$1"
volume=$1 bytes=$2 number=$4
take_lock pool 600
need_zfs
need_pool
# src/plan/backing/zvol.ts reckons with blocks of this size.
readonly block=$((16 << 10))
bytes=$(((bytes + block - 1) / block * block))

# no_room: ZFS said so of the volume. Names the volumes that nobody has any more.
no_room() {
  local name left=
  while read -r name; do
    [[ $name == "$volume" || -e /etc/drbd.d/$name.res ]] || left+="$name "
  done < <(zvols)
  [[ -z $left ]] || left=" Volumes that left the stack still take room: ${left% }. To delete the data of one, on"
  [[ -z $left ]] || left+=" each mirror: sudo $here/zvol-delete.sh NAME delete-its-data"
  refuse "volume $volume needs $bytes bytes, and the ZFS pool $pool has $(zfs_field available "$pool") free. Give it" \
    "a larger disk (kvm-mirror:backing.zvol.size).$left"
}

# ask COMMAND...: as zfs_do, and knows the one failure that has a way out.
ask() {
  local said
  if said=$("$@" 2>&1 </dev/null); then return; fi
  case $said in
    *'out of space'* | *'greater than available'*) no_room ;;
    *) fail "$* failed: $said" ;;
  esac
}

if ! zvol_there "$volume"; then
  if copy_was_made "$volume" "/dev/zvol/$pool/$volume" "$number"; then
    refuse "the zvol $pool/$volume was there before, with the metadata of volume $volume, and is not there now." \
      "Nothing was made in its place. If it is lost for good: count up kvm-mirror:volumes.$volume.newDisks of this" \
      "mirror in the stack file, and pulumi up again; the peer's data is then copied to it"
  fi
  say "making the zvol $pool/$volume: $bytes bytes"
  # volmode: the kernel looks for no partitions of clients on it.
  ask zfs create -V "$bytes" -o volblocksize="$block" -o volmode=dev "$pool/$volume"
fi
present=$(zfs_field volsize "$pool/$volume")
[[ $present =~ ^[0-9]+$ ]] || fail "ZFS does not tell the size of $pool/$volume. See: zfs get volsize $pool/$volume"
if ((present < bytes)); then
  ask zfs set volsize="$bytes" "$pool/$volume"
  say "the zvol $pool/$volume has grown to $bytes bytes"
fi
pool_on_disk
need_device "$volume"
