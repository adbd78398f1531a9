#!/usr/bin/env bash
# snapshot-before-sync.sh ROOM, DRBD's before-resync-target handler of a volume with backing lvm (drbd.conf(5))
#
# DRBD runs it in the mirror with the older copy, before it copies what the peer has over it. Until that has ended the
# copy is a mixture, which serves nobody: were the peer's disk lost meanwhile, there would be no copy at all. So the
# copy as it is now is kept as a snapshot (before-sync.VOLUME), until it is whole again. A copy that is a mixture
# already has kept its snapshot since the beginning. `kvm-mirror recover VOLUME --roll-back MIRROR` goes back to it.
#   ROOM  bytes of the volume group that the snapshots of all volumes may take (kvm-mirror:backing.lvm.snapshotRoom)
# No synchronisation waits for a snapshot that cannot be had: state.sh says why there is none. Clients stand still
# meanwhile, and DRBD gives this mirror up after 12 s: it waits 5 s for others at work on the volume group, and takes a
# snapshot of less than a minute ago for this one's, which the beginning after that finds.
# DRBD_RESOURCE and DRBD_MINOR name the volume. Exit codes: 0 in any case, 2 usage.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/replication/lib/drbd-state.sh"
. "$here/backing/lib/volume-group.sh"
. "$here/backing/lib/snapshots.sh"

[[ $# == 1 && $1 =~ ^[1-9][0-9]*$ ]] || usage
# The kernel's helper has no terminal: messages go to the journal.
exec 2> >(exec logger -t kvm-mirror-snapshot)
room=$1 volume=${DRBD_RESOURCE:?}
name_or_usage "$volume"

# without WHY
without() {
  say "volume $volume: no snapshot before its synchronisation: $*"
  make_directory "$no_snapshot_dir"
  printf '%s\n' "$*" >"$no_snapshot_dir/$volume"
  exit 0
}
# Another exit code, and DRBD would drop the connection.
at_exit() { [[ $? == 0 ]] || without "it could not be made (journalctl -t kvm-mirror-snapshot)"; }
trap at_exit EXIT

# shellcheck disable=SC2154  # set by read_state, find_snapshots
read_state "${DRBD_MINOR:?}"
# The mixture has kept its snapshot, or could not have one.
[[ $disk =~ ^(UpToDate|Consistent|Outdated)$ ]] || exit 0
rm -f "$no_snapshot_dir/$volume"
((oos_kib > 0)) || exit 0
take_lock volume-group 5
find_snapshots
[[ -n $free_extents ]] || without "there is no volume group $vg here"
made=${snapshot_made[$volume]:-}
if [[ -n $made && -z ${snapshot_full[$volume]:-} ]] && ((EPOCHSECONDS - made < 60)); then exit 0; fi
if [[ -n $made ]]; then
  drop_snapshot "$volume"
  find_snapshots
fi

# What is copied, half of that and 16 MiB for what clients write meanwhile elsewhere: as much as there is room for.
wanted=$(((oos_kib * 1536 + (16 << 20) + extent - 1) / extent))
left=$(((room - snapshot_bytes) / extent))
((left <= free_extents)) || left=$free_extents
((wanted <= left)) || wanted=$left
# One with less room than what is copied would run full for certain: 16 bytes for each 4 KiB are LVM's own.
((wanted * extent > oos_kib * 1030)) \
  || without "$((oos_kib / 1024 + 1)) MiB are to be copied, and $((left * extent >> 20)) MiB of the volume group are" \
    "left for snapshots (kvm-mirror:backing.lvm.snapshotRoom)"
make_snapshot "$volume" "$wanted"
say "volume $volume: its copy as it is before $((oos_kib / 1024 + 1)) MiB are copied over it is kept as" \
  "before-sync.$volume"
