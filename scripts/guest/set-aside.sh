#!/usr/bin/env bash
# set-aside.sh VOLUME
#
# Keeps what the losing side of a split brain would lose, before it takes its peer's data. Copies the blocks in which
# this side differs to /var/lib/kvm-mirror/kept/VOLUME-GENERATION.img, a sparse file in which they lie at their own
# offsets. VOLUME-GENERATION.extents beside it has lines "OFFSET LENGTH" in bytes. DRBD's bitmap says which blocks
# differ; after a crash it names whole activity log extents of 4 MiB.
# The volume is disconnected and detached meanwhile. Afterwards it has its disk again, and stays disconnected.
# stdout: {"file": path, "bytes": copied, "extents": how many}. Safe to run twice.
# Refuses (3): a Primary; a volume that is being synchronised; too little space.
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
[[ $cs != Unconfigured ]] || refuse "volume $volume is down here. Bring it up: drbdadm up $volume"
[[ $role != Primary ]] || refuse "volume $volume is Primary here ($(seen)): a client may write to it. Stop its group" \
  "first: group-stop.sh"
case $cs in
  Connected | StandAlone | WFConnection | Unconnected | Disconnecting) ;;
  Timeout | BrokenPipe | NetworkFailure | ProtocolError | TearDown) ;;
  *) refuse "volume $volume is being synchronised or verified ($(seen)). Wait until that has ended" ;;
esac

if [[ $cs != StandAlone ]]; then
  drbdadm disconnect "$volume" >&2 || fail "drbdadm disconnect $volume failed; its error message is above"
fi
attached=yes
attach() { [[ $attached == yes ]] || { drbdadm attach "$volume" >&2 && attached=yes; }; }
# It may be large.
work=$(mktemp -p /var/tmp)
trap 'rm -f "$work"; attach || say "volume $volume has no disk now. Attach it: drbdadm attach $volume"' EXIT
# Only a disk that is not in use shows its bitmap. Detaching it writes the bitmap out.
attached=no
if [[ $disk != Diskless ]]; then
  drbdadm detach "$volume" >&2 || fail "drbdadm detach $volume failed; its error message is above"
fi
# After a crash the activity log's extents count as changed.
drbdadm apply-al "$volume" </dev/null >&2 || fail "drbdadm apply-al $volume failed; its error message is above"
drbdadm dump-md "$volume" </dev/null >"$work" || fail "drbdadm dump-md $volume failed; its error message is above"
generation=$(awk '/^uuid \{/ { getline; print substr($1, 3, 16); exit }' "$work")
[[ $generation =~ ^[0-9A-F]{16}$ ]] || fail "drbdadm dump-md $volume names no generation"
install -d -m 0700 "$kept_dir"
status=0
disk_path=$(drbdadm sh-ll-dev "$volume")
python3 "$here/lib/copy_changed.py" "$disk_path" "$kept_dir/$volume-$generation" <"$work" || status=$?
attach || fail "drbdadm attach $volume failed; its error message is above. The copy is made"
exit "$status"
