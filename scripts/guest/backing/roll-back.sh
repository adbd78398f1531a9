#!/usr/bin/env bash
# roll-back.sh VOLUME MADE
#
# Gives a volume's copy here, which is a mixture because its synchronisation did not end, the content back that it had
# before: that of its snapshot (snapshot-before-sync.sh), which is used up. Afterwards the copy is Outdated, and looks
# for its peer. Should the peer come back, everything is copied anew: of the blocks that were copied before, which are
# old again now, the peer's bitmap knows nothing. The mark for that is in the snapshot's metadata before it is merged.
#   MADE  when the snapshot was made, in seconds since 1970: the one that the operator confirmed
# Interrupted anywhere it is run again, and goes on.
# Refuses (3): a Primary; a volume whose peer answers; a copy that is whole; a snapshot that ran full, is another one,
# or is none; a cluster, which promotes no such copy.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/replication/lib/drbd-state.sh"
. "$here/replication/lib/lost.sh"
. "$here/placement/lib/cluster.sh"
. "$here/backing/lib/data-disk.sh"
. "$here/backing/lib/volume-group.sh"
. "$here/backing/lib/snapshots.sh"

[[ $# == 2 && $2 =~ ^[1-9][0-9]*$ ]] || usage
name_or_usage "$1"
volume=$1 made=$2
readonly snapshot=/dev/$vg/before-sync.$volume
! under_cluster || refuse "a cluster promotes no copy that was rolled back"
take_lock "volume-$volume" 60
minor=$(minor_of "$volume")
read_state "$minor"
[[ $role != Primary ]] || refuse "volume $volume is Primary here ($(seen))"
! connected || refuse "the peer of volume $volume answers ($(seen)): it has all that is missing here"
# Unconfigured: without disk and connection, as an interruption leaves it.
[[ $disk =~ ^(Inconsistent|Diskless|Unconfigured)$ ]] \
  || refuse "the copy of volume $volume here is $disk: it is no mixture, and stays as it is"
find_snapshots
# shellcheck disable=SC2154  # set by find_snapshots
there=${snapshot_made[$volume]:-}
if [[ -n $there ]]; then
  [[ $there == "$made" ]] || refuse "the snapshot of volume $volume is of $there, not of $made. Look again:" \
    "kvm-mirror recover $volume --roll-back $(uname -n)"
  [[ -z ${snapshot_full[$volume]:-} ]] || refuse "the snapshot of volume $volume ran full, and is of no use"
else
  [[ $disk != Inconsistent ]] || refuse "there is no snapshot of volume $volume here"
fi

if [[ $cs != StandAlone && $cs != Unconfigured ]]; then
  drbdadm disconnect "$volume" >&2 || fail "drbdadm disconnect $volume failed; its error message is above"
fi
if [[ $disk == Inconsistent ]]; then
  drbdadm detach "$volume" >&2 || fail "drbdadm detach $volume failed; its error message is above"
fi
# flags DEVICE: drbdmeta(8), get-gi: four generations, then flags, of which the first is "consistent", and the fifth
# "all bits of the bitmap are to be set".
flags() { drbdmeta "$minor" v08 "$1" internal get-gi </dev/null; }
now=$(flags "/dev/$vg/$volume") || fail "the metadata of volume $volume cannot be read"
# Otherwise it was merged before an interruption.
if [[ -n $there && $now =~ ^([0-9A-F]{16}:){4}0: ]]; then
  kept=$(flags "$snapshot") || fail "the metadata in $snapshot cannot be read"
  [[ $kept =~ ^([0-9A-F]{16}:){4}1: ]] || refuse "what the snapshot keeps is no whole copy: $kept. Nothing was changed"
  drbdmeta --force "$minor" v08 "$snapshot" internal apply-al </dev/null >&2 \
    || fail "drbdmeta apply-al failed on $snapshot; its error message is above. Nothing was changed"
  drbdmeta --force "$minor" v08 "$snapshot" internal set-gi "${kept%"${kept#*:*:*:*:}"}1:0:0:0:1" </dev/null >&2 \
    || fail "drbdmeta set-gi failed on $snapshot; its error message is above. Nothing was changed"
  sync "$snapshot" || fail "$snapshot does not write what it was given. Nothing was changed"
  kept=$(flags "$snapshot")
  [[ $kept =~ ^([0-9A-F]{16}:){4}1:0:0:0:1: ]] || fail "the metadata in $snapshot did not take what was written: $kept"
  # What it has from now on is older than when it heard its peer last.
  rm -f "$heard_dir/$volume" "$lost_dir/$volume"
  lvm_do lvconvert --merge --interval 1 "$vg/before-sync.$volume"
  group_on_disk
fi
merged=$(flags "/dev/$vg/$volume") || fail "the metadata of volume $volume cannot be read"
[[ $merged =~ ^([0-9A-F]{16}:){4}1: ]] \
  || fail "the copy of volume $volume is no whole one: $merged. See: lvs -a $vg"
discreet_drbdadm adjust "$volume" || fail "drbdadm adjust $volume failed; its error message is above"
attached() {
  read_state "$minor"
  [[ $disk == Outdated ]]
}
wait_for 30 attached || fail "volume $volume was not attached within 30 s as what it is now: $(seen)"
say "volume $volume is rolled back to $(date -u -d "@$made" '+%F %T UTC'): $(seen)"
