# shellcheck shell=bash
# The mirror's own ZFS pool: one disk (its ZFS disk), one zvol a volume of the stack. Its space is reserved, so that no
# write of a volume fails because others have written. New blocks of a zvol read as zeros, whatever its disk held.
#
# No service of ZFS's own looks for pools here (blind.sh): it would take up one that a client made on its disk. Ours is
# imported from its own disk alone, and is in no cache file.

# shellcheck disable=SC2034,SC2154  # for the scripts that load this; of base.sh
readonly pool=kvm-mirror-zfs
readonly zfs_disk=/dev/disk/by-id/virtio-kvm-mirror.zfs
# ZFS makes a partition for itself on a disk that it gets whole.
readonly zfs_part=$zfs_disk-part1
# A property of the pool's root, from the moment at which it is there: that it is ours.
readonly pool_mark=kvm-mirror:made
# "creating" before the first byte is written to the disk, "made" when the pool is there.
# shellcheck disable=SC2154  # of base.sh
readonly pool_record=$record_dir/zfs/pool
readonly pool_number_record=$record_dir/zfs/disk
readonly zfs_module=${ZFS_MODULE:-/sys/module/zfs}
readonly pool_unit=kvm-mirror-zfs.service
readonly scrub_timer=kvm-mirror-scrub.timer

# zfs_do COMMAND...: a command of ZFS that changes something.
zfs_do() { "$@" </dev/null >&2 || fail "$* failed; its error message is above"; }

# zfs_field PROPERTY NAME: of a pool's or a volume's data set; sizes in bytes. Nothing when there is no such thing.
zfs_field() { zfs get -Hp -o value "$1" "$2" 2>/dev/null </dev/null; }

# need_zfs: the kernel's module and its tools.
need_zfs() {
  if command -v zpool >/dev/null && { [[ -e $zfs_module ]] || modprobe zfs 2>/dev/null; }; then
    limit_cache
    return
  fi
  fail "ZFS is not on this mirror for the kernel $(uname -r). On the mirror: sudo $here/zfs-module.sh. Then" \
    "pulumi up again"
}

# ZFS would take half of the memory for its cache, which DRBD and the servers have. It takes no less than 64 MiB.
limit_cache() {
  local name kib _ quarter
  read -r name kib _ </proc/meminfo
  [[ $name == MemTotal: ]] || fail "/proc/meminfo does not begin with MemTotal"
  quarter=$((kib * 1024 / 4))
  ((quarter > 64 << 20)) || quarter=$((64 << 20))
  echo "$quarter" >"$zfs_module/parameters/zfs_arc_max" || fail "the kernel takes no zfs_arc_max of $quarter"
}

pool_imported() { [[ $(zpool list -H -o name "$pool" 2>/dev/null </dev/null) == "$pool" ]]; }

# importable: names of the pools on the ZFS disk, in ZFS's partition or without one, as ZFS reads their labels; whole or
# not.
importable() {
  local device
  for device in "$zfs_part" "$zfs_disk"; do
    [[ -b $device ]] || continue
    zpool import -d "$device" 2>/dev/null </dev/null | sed -n 's/^ *pool: //p'
  done | sort -u
}

# import_pool on|off: read-only, or not. Also one that seems another machine's, as when the mirror's OS disk is a new
# one: nobody else has the disk.
import_pool() {
  zfs_do zpool import -f -N -o cachefile=none -o "readonly=$1" -d "$zfs_part" "$pool"
}

not_ours() {
  refuse "the ZFS pool $pool is none that kvm-mirror made: it lacks the property $pool_mark. Nothing was touched"
}

# What asks for ZFS's property sync, of the pool and of each zvol.
sync_of_all=(-Hr -o 'name,value' sync "$pool")
# without_sync: of that answer on stdin, those with sync=disabled, each behind a blank: ZFS acknowledges there what no
# disk has.
without_sync() { awk '$2 == "disabled" { printf " %s", $1 }'; }

# own_pool: refuses an imported pool that is not ours, and one in which somebody has changed what keeps data safe.
own_pool() {
  local unsafe
  [[ $(zfs_field "$pool_mark" "$pool") == yes ]] || not_ours
  unsafe=$(zfs get "${sync_of_all[@]}" </dev/null | without_sync)
  [[ -z $unsafe ]] || refuse "sync=disabled is set on$unsafe: ZFS acknowledges there what no disk has. Set it back:" \
    "sudo zfs set sync=standard$unsafe"
}

# need_pool: refuses without the pool, and one that is not ours.
need_pool() {
  pool_imported || refuse "there is no ZFS pool $pool on this mirror. Its disk: $zfs_disk. Make it: pulumi up"
  own_pool
}

# pool_on_disk: what was changed in the pool outlives a power cut.
pool_on_disk() { zpool sync "$pool" </dev/null >&2 || fail "$zfs_disk does not write what it was given"; }

zvol_there() { [[ $(zfs list -H -o name -t volume "$pool/$1" 2>/dev/null </dev/null) == "$pool/$1" ]]; }

# zvols: the names of all volumes here.
zvols() { zfs list -H -o name -t volume -r "$pool" </dev/null | sed "s|^$pool/||"; }

# need_device VOLUME: udev makes its name some moments after the pool or the zvol is there.
need_device() {
  local device=/dev/zvol/$pool/$1
  wait_for 60 test -b "$device" || fail "the zvol $pool/$1 is there, and no $device after 60 s (udevadm settle)"
}
