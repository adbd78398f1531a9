# shellcheck shell=bash
# What a data disk holds, found out without writing a byte.

# signatures DEVICE: the types that libblkid finds anywhere on it (file systems, LVM, RAID, partition tables, DRBD),
# comma separated.
signatures() { wipefs --no-act --noheadings --output TYPE "$1" | sort -u | paste -sd, -; }

has_drbd() { [[ ,$1, == *,drbd,* ]]; }

# refuse_if_in_use DEVICE: mounted, swap, partitioned, or held by another driver.
refuse_if_in_use() {
  local device name users
  device=$(readlink -f "$1")
  name=${device##*/}
  # By the kernel's names: a logical volume has another one for people.
  users=$(lsblk -nro KNAME,NAME,TYPE,MOUNTPOINT "$device" \
    | awk -v self="$name" '$1 != self || $4 != "" { $1 = ""; printf "%s ", substr($0, 2) }')
  [[ -z $users ]] || refuse "$1 ($device) is in use: $users"
  users=$(holders "$name")
  [[ -z $users ]] || refuse "$1 ($device) is held by $users"
}

# holders NAME: the kernel's names of what is stacked on a device.
holders() { if [[ -d /sys/class/block/$1/holders ]]; then ls "/sys/class/block/$1/holders"; fi; }

# carries_mark DEVICE DEVICE_UUID [BYTES]: whether DRBD's internal metadata with this device UUID is at the end of the
# disk (of its first BYTES). It is read directly (drbdmeta 9.22, struct md_on_disk_08: device UUID at 40, magic at 60):
# drbdmeta needs the disk for itself, and what has taken the disk may be released only after this check.
carries_mark() {
  local bytes blocks found
  bytes=$(blockdev --getsize64 "$1")
  blocks=$((${3:-$bytes} / 4096))
  ((blocks > 0 && blocks * 4096 <= bytes)) || return 1
  found=$(dd if="$1" bs=4096 skip=$((blocks - 1)) count=1 iflag=direct status=none \
    | od -An -v -t x1 -j 40 -N 24 | tr -d ' \n')
  [[ ${found:0:16} == "${2,,}" && ${found:40:8} == 8374026b ]]
}

# last_known_bytes MINOR: the size that the disk had when drbdmeta last saw it; nothing when that is not on record.
last_known_bytes() { sed -n '1s/^\([0-9][0-9]*\)\t.*$/\1/p' "/var/lib/drbd/drbd-minor-$1.lkbd" 2>/dev/null || true; }

# release_own_disk VOLUME DEVICE: for a disk that carries the volume's own metadata. Whatever has taken it did so
# because this mirror saw what a client had written (blind.sh prevents that from now on). Removes partition nodes, and
# device-mapper and RAID devices that are not open. Refuses where something is mounted, or was written to.
release_own_disk() {
  local volume=$1 device self found kname name type taken=
  device=$(readlink -f "$2")
  self=${device##*/}
  found=$(lsblk -nro NAME,MOUNTPOINT "$device" | awk '$2 != "" { printf "%s at %s, ", $1, $2 }')
  [[ -z $found ]] || refuse "$2 ($device) holds a copy of volume $volume, and this mirror has it in use: ${found%, }." \
    "What was written that way is not on the peer. Unmount it (umount, swapoff), and run pulumi up again. When the" \
    "mirrors are connected, compare the copies: drbdadm verify $volume"
  # The topmost first. What is on two devices is listed twice.
  while read -r kname name type; do
    [[ $kname != "$self" ]] || continue
    taken+="$name ($type) "
    let_go "$volume" "$kname" "$name" "$type"
  done < <(lsblk -nro KNAME,NAME,TYPE "$device" | tac | awk '!seen[$1]++')
  [[ -n $taken ]] || return 0
  # Nodes that stay are harmless: DRBD takes the whole disk.
  partx --delete "$device" 2>/dev/null || say "partition nodes of $device could not all be removed"
  found=$(
    lsblk -nro KNAME,NAME,TYPE "$device" \
      | awk -v self="$self" '$1 != self && $3 != "part" { printf "%s (%s) ", $2, $3 }'
    holders "$self"
  )
  [[ -z $found ]] || refuse "$2 ($device) holds a copy of volume $volume, and is still held by $found. Free it" \
    "(dmsetup ls --tree, cat /proc/mdstat), then pulumi up again"
  say "this mirror had taken $2 because of what a client had written on it: ${taken% }. It is free again. To be sure" \
    "that nothing was changed that way, compare the copies when the mirrors are connected: drbdadm verify $volume"
}

# let_go VOLUME KNAME NAME TYPE: removes one device on top of a data disk. Refuses one that is open.
let_go() {
  local state
  case $2 in
    dm-*)
      [[ $4 =~ ^(lvm|part|mpath)$ ]] || refuse "the copy of volume $1 on this mirror is under $3 ($4), which somebody" \
        "made by hand. Close it (dmsetup remove $3), then pulumi up again"
      dmsetup remove "$3" </dev/null >&2 \
        || refuse "$3 ($4), made of what a client wrote on volume $1, is open in this mirror (dmsetup info $3; fuser" \
          "-vm /dev/mapper/$3). End the process that has it open, then dmsetup remove $3, and pulumi up again"
      ;;
    md*p*) ;;
    md*)
      state=$(cat "/sys/class/block/$2/md/array_state")
      # Assembled automatically, and never written to.
      [[ $state =~ ^(clear|inactive|read-auto|readonly)$ ]] \
        || refuse "$3 ($4), made of what a client wrote on volume $1, is running in this mirror ($state), and may" \
          "have changed it. Stop it (mdadm --stop /dev/$2), then pulumi up again. When the mirrors are connected," \
          "compare the copies: drbdadm verify $1"
      mdadm --stop "/dev/$2" </dev/null >&2 \
        || refuse "/dev/$2, made of what a client wrote on volume $1, is open in this mirror (fuser -vm /dev/$2). End" \
          "the process that has it open, then mdadm --stop /dev/$2, and pulumi up again"
      ;;
    *) [[ $4 == part ]] || refuse "the copy of volume $1 on this mirror is under $3 ($4). Free it, then pulumi up" \
      "again" ;;
  esac
}

# refuse_unless_blank DEVICE: refuses unless the first and the last MiB are zeros: raw or encrypted data has no
# signature.
refuse_unless_blank() {
  local mib=1048576 bytes
  bytes=$(blockdev --getsize64 "$1")
  if cmp -s -n "$mib" "$1" /dev/zero && cmp -s -n "$mib" -i "$((bytes - mib)):0" "$1" /dev/zero; then return; fi
  refuse "$1 has no signature, but is not blank: its first or last MiB holds data (raw or encrypted?). Expected: an" \
    "empty disk. If the data is not needed, clear the disk by hand, and run this again: blkdiscard --zeroout $1"
}

# own_device_uuid VOLUME PATH: the device UUID (16 hex digits) of metadata that belongs to this volume on this disk.
own_device_uuid() {
  local digest
  digest=$(printf 'kvm-mirror %s %s' "$1" "$2" | sha256sum)
  digest=${digest:0:16}
  printf '%s\n' "${digest^^}"
}

# metadata VOLUME COMMAND...: drbdmeta on the volume's metadata, read from the disk while the volume is down.
metadata() {
  local volume=$1
  shift
  drbdmeta "$(minor_of "$volume")" v08 "$(drbdadm sh-md-dev "$volume")" internal "$@" </dev/null
}

# agreed_sectors VOLUME: the size that both sides last agreed upon; 0 for metadata that was never in use.
agreed_sectors() {
  local text
  text=$(metadata "$1" show-gi)
  if [[ $text =~ \(([0-9]+)\ sectors\) ]]; then printf '%s\n' "${BASH_REMATCH[1]}"; else printf '0\n'; fi
}
