#!/usr/bin/env bash
# lvcreate --snapshot, lvs, lvremove and lvconvert --merge of snapshots, and drbdadm disconnect, detach and adjust, on a
# machine without the kernel's device mapper and DRBD (test/scripts/snapshots.test.ts). A snapshot is a copy of the
# volume in /run/snapshots/VOLUME, on a loop device that is /dev/kvm-mirror/before-sync.VOLUME; beside it VOLUME.is:
# "BYTES MADE INVALID". /run/snapshots/fails: lvcreate fails. Everything else is done by those who come later in PATH.
set -euo pipefail
PATH=${PATH#/run/steps:}
export PATH=${PATH#/run/played:}
readonly kept=/run/snapshots tool=${0##*/} last=${!#}

# Loop devices that are in use, for the test's end.
readonly loops=/run/snapshot-loops
drop() {
  local loop
  loop=$(readlink "/dev/kvm-mirror/before-sync.$1")
  losetup --detach "$loop"
  sed -i "\\|^$loop\$|d" "$loops"
  rm -f "/dev/kvm-mirror/before-sync.$1" "$kept/$1" "$kept/$1.is"
}

case "$tool $*" in
  lvcreate\ *--snapshot*)
    [[ ! -e $kept/fails ]] || exit 5
    [[ "$*" =~ --extents\ ([0-9]+)\ .*\ kvm-mirror/([a-z0-9]+)$ ]]
    volume=${BASH_REMATCH[2]}
    cp --sparse=always "/dev/kvm-mirror/$volume" "$kept/$volume"
    echo "$((BASH_REMATCH[1] << 22)) $EPOCHSECONDS 0" >"$kept/$volume.is"
    loop=$(losetup --find)
    [[ -b $loop ]] || mknod "$loop" b 7 "${loop#/dev/loop}"
    losetup "$loop" "$kept/$volume"
    echo "$loop" >>"$loops"
    ln -sfn "$loop" "/dev/kvm-mirror/before-sync.$volume"
    ;;
  lvs\ *lv_snapshot_invalid*)
    taken=0 rows=''
    for file in "$kept"/*.is; do
      [[ -e $file ]] || continue
      read -r bytes made invalid <"$file"
      taken=$((taken + (bytes >> 22))) file=${file##*/}
      rows+="before-sync.${file%.is} $bytes $made $invalid"$'\n'
    done
    lvs "$@" | while read -r free row; do
      echo "  $((free - taken)) $row"
      while read -r row; do [[ -z $row ]] || echo "  $((free - taken)) $row"; done <<<"$rows"
      rows=''
    done
    ;;
  lvremove\ *before-sync.*) drop "${last##*before-sync.}" ;;
  lvconvert\ *--merge*)
    volume=${last##*before-sync.}
    dd if="$kept/$volume" of="/dev/kvm-mirror/$volume" bs=1M conv=notrunc,fsync status=none
    drop "$volume"
    ;;
  drbdadm\ disconnect*)
    read -r _ role _ disk _ <"/run/drbd/$2.state"
    drbdadm state "$2" StandAlone "$role" Unknown "$disk" DUnknown
    ;;
  drbdadm\ detach*)
    read -r cs role peer _ peer_disk <"/run/drbd/$2.state"
    drbdadm state "$2" "$cs" "$role" "$peer" Diskless "$peer_disk"
    ;;
  drbdadm\ adjust*)
    # What the metadata says: the kernel sets all bits where the fifth flag asks for it.
    flags=$(drbdadm get-gi "$2" </dev/null | cut -d: -f5-9)
    disk=Inconsistent
    case $flags in 1:1:*) disk=UpToDate ;; 1:0:*) disk=Outdated ;; esac
    drbdadm state "$2" WFConnection Secondary Unknown "$disk" DUnknown
    ;;
  *) exec "$tool" "$@" ;;
esac
