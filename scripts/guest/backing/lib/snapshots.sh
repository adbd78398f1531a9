# shellcheck shell=bash
# Snapshots of logical volumes: before-sync.VOLUME is a volume's copy as it was before its peer's newer one began to be
# copied over it. No volume's name has a dot. A snapshot keeps what is overwritten, in extents of its own; where these
# do not suffice, it is of no use any more, and the volume goes on. Needs volume-group.sh.

# VOLUME: why there is none before the synchronisation that runs.
# shellcheck disable=SC2034  # for the scripts that load this
readonly no_snapshot_dir=/run/kvm-mirror/no-snapshot

# find_snapshots: sets snapshot_made[VOLUME] to when it was made, seconds since 1970; snapshot_full[VOLUME] where it is
# of no use; snapshot_bytes to what all of them take; free_extents to what is free in the group, nothing without LVM.
declare -A snapshot_made=() snapshot_full=()
# shellcheck disable=SC2034,SC2154  # the results; vg: volume-group.sh
find_snapshots() {
  local free name bytes made invalid
  snapshot_bytes=0 free_extents=
  snapshot_made=() snapshot_full=()
  while read -r free name bytes made invalid; do
    free_extents=$free
    [[ $name == before-sync.* ]] || continue
    name=${name#before-sync.}
    snapshot_made[$name]=$made snapshot_bytes=$((snapshot_bytes + bytes))
    if [[ $invalid == 1 ]]; then snapshot_full[$name]=yes; fi
  done < <(exec lvs --noheadings --nosuffix --units b --binary --config 'report/time_format="%s"' \
    --options vg_free_count,lv_name,lv_size,lv_time,lv_snapshot_invalid "$vg" 2>/dev/null </dev/null)
}

# any_snapshot: whether there is one, without a process.
any_snapshot() { compgen -G "/dev/$vg/before-sync.*" >/dev/null; }

# make_snapshot VOLUME EXTENTS: of 4 KiB, which is what a bit of DRBD's stands for.
make_snapshot() {
  lvm_do lvcreate --snapshot --extents "$2" --chunksize 4k --name "before-sync.$1" --addtag "$vg" "$vg/$1"
}

# drop_snapshot VOLUME: LVM asks about what is active. The volume stays as it is.
drop_snapshot() {
  lvm_do lvremove --yes "$vg/before-sync.$1"
  group_on_disk
}
