#!/usr/bin/env bash
# set-aside.sh VOLUME
#
# Before the losing side of a split brain takes its peer's data: copies
# the blocks in which it differs, as DRBD's bitmap has
# them (whole activity log extents of 4 MiB after a crash), to /var/lib/kvm-mirror/kept/VOLUME-GENERATION.img, a sparse
# file in which they lie at their own offsets; VOLUME-GENERATION.extents beside it has lines "OFFSET LENGTH" in bytes.
# The volume is disconnected and without its disk meanwhile; afterwards it has its disk again and stays disconnected.
# stdout: {"file": path, "bytes": copied, "extents": how many}. Safe to run twice.
# Refuses (3): a Primary; a volume that copies right now; too little space.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused (the volume is disconnected then, its disk untouched).
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/drbd-state.sh"

[[ $# == 1 ]] || usage
name_or_usage "$1"
volume=$1
readonly kept_dir=/var/lib/kvm-mirror/kept
take_lock "volume-$volume" 60
minor=$(minor_of "$volume")
read_state "$minor"
[[ $cs != Unconfigured ]] || refuse "volume $volume is down here: drbdadm up $volume"
[[ $role != Primary ]] || refuse "volume $volume is Primary here, somebody may write to it ($(seen)); stop its group first (group-stop.sh)"
case $cs in
  Connected | StandAlone | WFConnection | Unconnected | Timeout | BrokenPipe | NetworkFailure | ProtocolError | Disconnecting | TearDown) ;;
  *) refuse "volume $volume is being copied or compared ($(seen)); wait for its end" ;;
esac

if [[ $cs != StandAlone ]]; then drbdadm disconnect "$volume" >&2 || fail "drbdadm disconnect $volume failed (its words are above)"; fi
attached=yes
attach() { [[ $attached == yes ]] || { drbdadm attach "$volume" >&2 && attached=yes; }; }
# It may be large.
work=$(mktemp -p /var/tmp)
trap 'rm -f "$work"; attach || say "volume $volume has no disk now: drbdadm attach $volume"' EXIT
# Only a disk that nobody uses shows its bitmap; letting it go writes the bitmap out.
attached=no
if [[ $disk != Diskless ]]; then drbdadm detach "$volume" >&2 || fail "drbdadm detach $volume failed (its words are above)"; fi
# After a crash the activity log's extents count as changed.
drbdadm apply-al "$volume" </dev/null >&2 || fail "drbdadm apply-al $volume failed (its words are above)"
drbdadm dump-md "$volume" </dev/null >"$work" || fail "drbdadm dump-md $volume failed (its words are above)"
generation=$(awk '/^uuid \{/ { getline; print substr($1, 3, 16); exit }' "$work")
[[ $generation =~ ^[0-9A-F]{16}$ ]] || fail "drbdadm dump-md $volume names no generation"
install -d -m 0700 "$kept_dir"
status=0
python3 "$here/lib/copy_changed.py" "$(drbdadm sh-ll-dev "$volume")" "$kept_dir/$volume-$generation" <"$work" || status=$?
attach || fail "drbdadm attach $volume failed (its words are above); the copy is made"
exit "$status"
