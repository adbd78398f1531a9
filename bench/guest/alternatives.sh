# shellcheck shell=bash
# Other ways to have a volume on two mirrors, for a run of `kvm-mirror bench --alternatives`. As root in a mirror;
# bench/guestScript.ts puts `set -- WORD...` before it:
#   lacks                              prints what this mirror lacks for them; nothing when they can run
#   disk SERIAL BYTES PEER             divides the disk, in one part for each, and lets the other mirror in
#   lower NAME BYTES SELF PEER         what both mirrors have: first on both
#   upper NAME BYTES SELF PEER [DISK]  what the primary has on it, or together with the other one. Prints the path that
#                                      is measured. DISK: the other mirror's part, by iSCSI
#   await_whole NAME SECONDS           until both copies are there again. Prints the seconds that it took
#   release NAME                       the primary lets go of it, so that the other mirror's copy can be read
#   copy NAME                          prints the path of this mirror's own copy
#   part NAME                          prints the path of its part of the disk
#   open_to PEER                       lets the other mirror in through the firewall, until it is loaded again
#   down                               ends everything on the parts; no server and no initiator has one then
#   off                                takes the parts away. None there: nothing happens, as with `down`
#
#   NAME            part  what
#   disk            1     a disk alone, to compare with
#   drbd-on-zvol    2     DRBD on a ZFS volume
#   zfs-on-drbd     3     a ZFS volume, of a pool on DRBD
#   zfs-over-iscsi  4     a ZFS volume, of a pool that is a mirror of this disk and the other mirror's, by iSCSI
#   gluster         5     a file of a Gluster volume (replica 2), of which each brick is a ZFS file system
set -euo pipefail

folder=/run/kvm-mirror-bench-alternatives
conf=$folder/drbd.conf
mount=/mnt/kvm-mirror-bench
say() { printf 'bench: %s\n' "$*" >&2; }
drbd() { drbdadm --config-file "$conf" "$@"; }

part() {
  local number
  case $1 in
    disk) number=1 ;;
    drbd-on-zvol) number=2 ;;
    zfs-on-drbd) number=3 ;;
    zfs-over-iscsi) number=4 ;;
    gluster) number=5 ;;
    *) exit 2 ;;
  esac
  printf '/dev/mapper/kvm-mirror-bench-%s\n' "$number"
}

# wait_for SECONDS WHAT COMMAND…
wait_for() {
  local began=$SECONDS
  until "${@:3}" >/dev/null 2>&1; do
    if ((SECONDS - began > $1)); then
      say "$2: not after $1 s"
      exit 1
    fi
    sleep 0.2
  done
}

lacks() {
  local program
  for program in dmsetup zpool zfs gluster glusterd iscsiadm python3; do
    command -v "$program" >/dev/null || echo "$program"
  done
  modprobe --dry-run --quiet zfs || echo "the kernel module zfs"
  modprobe --dry-run --quiet --all target_core_iblock iscsi_target_mod || echo "LIO's kernel modules"
}

disk() {
  local name number
  mkdir -p "$folder"
  name=$(lsblk -dnro NAME,SERIAL | awk -v serial="$1" '$2 == serial { print $1; exit }')
  [[ -n $name ]] || {
    say "there is no disk with serial $1"
    exit 1
  }
  # No partitions: a mirror takes those of every disk but its own away (blind.sh).
  for number in 1 2 3 4 5; do
    dmsetup create "kvm-mirror-bench-$number" \
      --table "0 $(($2 / 512)) linear /dev/$name $((2048 + (number - 1) * $2 / 512))"
  done
  wait_for 30 "the parts of /dev/$name" test -b "$(part gluster)"
  # The cache of ZFS is kept small beside what is read: reads are measured, not memory.
  modprobe zfs zfs_arc_max=$((64 << 20))
  open_to "$3"
}

# pool NAME VDEV…: none is imported at boot, or looked for
pool() { zpool create -f -o cachefile=none -O mountpoint=none -O compression=off "$@"; }
# volume POOL BYTES
volume() {
  zfs create -V "$2" -o volblocksize=16K "$1/volume"
  wait_for 30 "/dev/zvol/$1/volume" test -b "/dev/zvol/$1/volume"
}

# resource NAME MINOR DEVICE SELF PEER: with the settings of the stack's volumes (src/render/replication), but nobody
# fences
resource() {
  printf 'resource %s {\n  disk { al-extents 3389; c-fill-target 1M; resync-rate 100M; c-max-rate 100M; }\n' "$1"
  printf '  net { protocol C; cram-hmac-alg sha1; shared-secret bench; max-buffers 8000; max-epoch-size 8000;\n'
  printf '    timeout 30; ko-count 4; connect-int 4; ping-int 1; ping-timeout 20; }\n'
  printf '  device minor %s; disk %s; meta-disk internal;\n' "$2" "$3"
  printf '  floating %s:%s;\n  floating %s:%s;\n}\n' "$4" $((7900 + $2)) "$5" $((7900 + $2))
}

drbd_up() { # NAME MINOR DEVICE SELF PEER
  resource "$@" >"$folder/$1.res"
  printf 'include "%s/*.res";\n' "$folder" >"$conf"
  drbd create-md --force "$1" >/dev/null
  drbd up "$1"
}

# Both disks are new: there is nothing to copy from one to the other.
drbd_first() {
  wait_for 60 "$1 connects" connected "$1"
  drbd new-current-uuid --clear-bitmap "$1/0" >/dev/null
  drbd primary "$1"
}
connected() { [[ $(drbd cstate "$1") == Connected ]]; }
both_whole() { connected "$1" && [[ $(drbd dstate "$1") == UpToDate/UpToDate ]]; }

open_to() { # Gluster's ports and iSCSI's are none of the product's
  ! nft list table inet kvm_mirror >/dev/null 2>&1 \
    || nft insert rule inet kvm_mirror input iifname replication0 ip saddr "$1" accept
}

lower() {
  local name=$1 bytes=$2 self=$3 peer=$4
  case $name in
    drbd-on-zvol)
      pool bench_under "$(part "$name")"
      volume bench_under "$bytes"
      drbd_up "$name" 60 /dev/zvol/bench_under/volume "$self" "$peer"
      ;;
    zfs-on-drbd) drbd_up "$name" 61 "$(part "$name")" "$self" "$peer" ;;
    gluster)
      pool bench_brick "$(part "$name")"
      zfs create -o mountpoint="$folder/brick" -o xattr=sa bench_brick/brick
      systemctl start glusterd.service
      ;;
  esac
}

upper() {
  local name=$1 bytes=$2 self=$3 peer=$4 other=${5:-}
  case $name in
    disk) part disk ;;
    drbd-on-zvol)
      drbd_first "$name"
      echo /dev/drbd60
      ;;
    zfs-on-drbd)
      drbd_first "$name"
      pool bench_top /dev/drbd61
      volume bench_top "$bytes"
      echo /dev/zvol/bench_top/volume
      ;;
    zfs-over-iscsi)
      # On a whole disk ZFS lays a partition, in which the other mirror would not find the pool on its part.
      dmsetup create kvm-mirror-bench-other --table "0 $(blockdev --getsz "$other") linear $other 0"
      pool bench_mirror mirror "$(part "$name")" /dev/mapper/kvm-mirror-bench-other
      volume bench_mirror "$bytes"
      echo /dev/zvol/bench_mirror/volume
      ;;
    gluster)
      gluster --mode=script peer probe "$peer" >/dev/null
      wait_for 60 "Gluster's peer" eval 'gluster peer status | grep -q "Peer in Cluster (Connected)"'
      gluster --mode=script volume create bench replica 2 "$self:$folder/brick/bench" "$peer:$folder/brick/bench" \
        >/dev/null
      gluster --mode=script volume start bench >/dev/null
      mkdir -p "$mount"
      wait_for 60 "the mount of Gluster's volume" mount -t glusterfs "$self:/bench" "$mount"
      truncate --size "$bytes" "$mount/volume"
      echo "$mount/volume"
      ;;
  esac
}

whole() {
  case $1 in
    drbd-on-zvol | zfs-on-drbd) both_whole "$1" ;;
    zfs-over-iscsi)
      [[ $(zpool list -H -o health bench_mirror) == ONLINE ]] \
        && ! zpool status bench_mirror | grep -q 'resilver in progress' \
        && zpool status -x bench_mirror | grep -q 'is healthy'
      ;;
    gluster)
      [[ $(gluster volume heal bench info | grep -c '^Number of entries: 0$') == 2 ]]
      ;;
  esac
}

await_whole() {
  local began now
  began=$(date +%s.%N)
  wait_for "$2" "both copies of $1" whole "$1"
  now=$(date +%s.%N)
  awk -v began="$began" -v now="$now" 'BEGIN { printf "%.1f\n", now - began }'
}

release() {
  case $1 in
    drbd-on-zvol) drbd secondary "$1" ;;
    zfs-on-drbd)
      zpool export bench_top
      drbd secondary "$1"
      ;;
    zfs-over-iscsi)
      zpool export bench_mirror
      dmsetup remove --retry kvm-mirror-bench-other
      ;;
    gluster) umount "$mount" ;;
  esac
}

copy() {
  case $1 in
    drbd-on-zvol) echo /dev/zvol/bench_under/volume ;;
    zfs-on-drbd)
      drbd primary "$1"
      zpool import -f -o cachefile=none -d /dev/drbd61 bench_top
      wait_for 30 "the volume" test -b /dev/zvol/bench_top/volume
      echo /dev/zvol/bench_top/volume
      ;;
    zfs-over-iscsi)
      zpool import -f -o cachefile=none -d "$(part "$1")" bench_mirror
      wait_for 30 "the volume" test -b /dev/zvol/bench_mirror/volume
      echo /dev/zvol/bench_mirror/volume
      ;;
    gluster) echo "$folder/brick/bench/volume" ;;
  esac
}

down() {
  local name
  [[ -d $folder ]] || return 0
  if mountpoint --quiet "$mount"; then umount --lazy "$mount"; fi
  systemctl stop glusterd.service 2>/dev/null || true
  # glusterd leaves its bricks and its mender running.
  pkill -x glusterfsd || true
  pkill -x glusterfs || true
  rm -rf /var/lib/glusterd/vols/bench /var/lib/glusterd/peers/*
  for name in bench_top bench_mirror; do ! zpool list "$name" >/dev/null 2>&1 || zpool destroy -f "$name"; done
  [[ ! -e /dev/mapper/kvm-mirror-bench-other ]] || dmsetup remove --retry kvm-mirror-bench-other
  for name in drbd-on-zvol zfs-on-drbd; do [[ ! -e $folder/$name.res ]] || drbd down "$name"; done
  for name in bench_under bench_brick; do ! zpool list "$name" >/dev/null 2>&1 || zpool destroy -f "$name"; done
}

off() {
  local number
  [[ -d $folder ]] || return 0
  for number in 1 2 3 4 5; do
    [[ ! -e /dev/mapper/kvm-mirror-bench-$number ]] || dmsetup remove --retry "kvm-mirror-bench-$number"
  done
  rm -rf "$folder"
  if nft list table inet kvm_mirror >/dev/null 2>&1; then /usr/local/lib/kvm-mirror/firewall-load.sh; fi
}

"$@"
