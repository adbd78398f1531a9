# shellcheck shell=bash
# What lies on a data disk, found out without writing a byte.

# signatures DEVICE: the types that libblkid finds anywhere on it (file systems, LVM, RAID, partition tables, DRBD), comma separated.
signatures() { wipefs --no-act --noheadings --output TYPE "$1" | sort -u | paste -sd, -; }

has_drbd() { [[ ,$1, == *,drbd,* ]]; }

# refuse_if_in_use DEVICE: mounted, swap, partitioned, or held by another driver.
refuse_if_in_use() {
  local device name users
  device=$(readlink -f "$1")
  name=${device##*/}
  users=$(lsblk -nro NAME,TYPE,MOUNTPOINT "$device" | awk -v self="$name" '$1 != self || $3 != "" { printf "%s ", $0 }')
  [[ -z $users ]] || refuse "$1 ($device) is in use: $users"
  if [[ -d /sys/class/block/$name/holders ]]; then
    users=$(ls "/sys/class/block/$name/holders")
    [[ -z $users ]] || refuse "$1 ($device) is held by $users"
  fi
}

# refuse_unless_blank DEVICE: the first and the last MiB read as zeros; raw or encrypted data has no signature.
refuse_unless_blank() {
  local mib=1048576 bytes
  bytes=$(blockdev --getsize64 "$1")
  if cmp -s -n "$mib" "$1" /dev/zero && cmp -s -n "$mib" -i "$((bytes - mib)):0" "$1" /dev/zero; then return; fi
  refuse "$1 has no signature but is not blank: its first or last MiB holds data (raw or encrypted contents?). Expected an empty disk. If the data is really not needed, clear both ends by hand (blkdiscard --zeroout $1) and run this again"
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
