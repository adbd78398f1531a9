#!/usr/bin/env bash
# fence-peer.sh, DRBD's fence-peer handler in manual failover (drbd.conf(5), `fencing resource-and-stonith`)
#
# DRBD runs it when a Primary has lost its peer, and before a Secondary without connection becomes Primary. The Primary
# stands still until this ends. It asks the peer, over the networks that DRBD does not use (/etc/kvm-mirror/peer), to
# mark its disk as outdated: old data can then never become primary as if it were not old. A peer that cannot be reached
# cannot be told. Told or not, the Primary leaves a mark on its marks disk, which its KVM host shows to `kvm-mirror
# failover`, before it acknowledges a single write alone. DRBD_RESOURCE and DRBD_PEER name volume and peer, DRBD_MINOR
# its device.
# Exit codes, as DRBD takes them:
#   3  the peer's disk is Inconsistent
#   4  the peer's disk is outdated now; like 3 also when no mark can be left
#   5  the peer cannot be reached, and the mark is left; on a Primary only: it goes on, and counts the peer as outdated
#   6  the peer is Primary: a Secondary then knows that its own disk is outdated
#   7  the peer was fenced: group-start.sh --peer-fenced is at work
#   1  none of these: a Secondary is not promoted, a Primary stands still (watch-peer.sh tries again). A Primary without
#      a good disk stands still, too
set -euo pipefail
room=${0%/*}
[[ -e $room/lib/base.sh ]] || room=$(dirname "$(readlink -f "$0")")/..
. "$room/lib/base.sh"
. "$here/replication/lib/drbd-state.sh"
. "$here/replication/lib/fenced.sh"
. "$here/replication/lib/peer.sh"
. "$here/replication/lib/marks.sh"
. "$here/replication/lib/may-go-on.sh"

# The kernel's helper has no terminal: messages go to the journal.
exec 2> >(exec logger -t kvm-mirror-fence-peer)
volume=${DRBD_RESOURCE:?} peer=${DRBD_PEER:?}
# drbdadm knows it already: it starts handlers.
minor=${DRBD_MINOR:-}
[[ $minor =~ ^[0-9]+$ ]] || minor=$(minor_of "$volume")
lock_marks "$volume" || fail "volume $volume: another script decides whether it goes on alone"
read_state "$minor"

if [[ $role == Primary ]]; then
  # shellcheck disable=SC2154  # set by read_state
  if [[ $disk != UpToDate ]]; then
    # The peer has the only good copy: it must not be marked as old. Both go on when they are connected again.
    say "volume $volume: the disk here is $disk. This Primary stands still, and $peer is not asked"
    exit 1
  fi
  answer=0
  may_go_on "$volume" "$minor" "$peer" || answer=$?
  if [[ $answer == 1 ]]; then
    make_directory "$frozen_dir"
    printf '%s\n' "$peer" >"$frozen_dir/$volume"
  fi
  exit "$answer"
fi

# It is the only Primary from now on. Its own metadata knows that; the mark tells its KVM host.
promoted_alone() {
  leave_mark "$volume" "$minor" || say "volume $volume: no mark can be left on $marks_device"
  exit 7
}
# When only the operator has confirmed that it is off, it is asked all the same.
if known_fenced "$peer" confirmed; then
  say "volume $volume: $peer was fenced"
  promoted_alone
fi
answer=0
ask_peer "$peer" "$volume" || answer=$?
case $answer in
  3 | 4 | 6)
    say "volume $volume: $peer answers $answer"
    exit "$answer"
    ;;
  10)
    say "volume $volume: $peer is Primary, without a good disk. Not promoted; kvm-mirror failover fences it first"
    exit 1
    ;;
esac
if known_fenced "$peer" by-word; then
  say "volume $volume: $peer does not answer, and the operator confirmed that it is off"
  promoted_alone
fi
say "volume $volume: $peer cannot be asked whether it is Primary. Not promoted; kvm-mirror failover fences it first"
exit 1
