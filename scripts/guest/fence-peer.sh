#!/usr/bin/env bash
# fence-peer.sh, DRBD's fence-peer handler in manual failover (drbd.conf(5), `fencing resource-only`)
#
# DRBD runs it when a Primary has lost its peer, and before a Secondary without connection becomes Primary. It asks the
# peer over the networks that DRBD does not use (/etc/kvm-mirror/peer) to mark its disk as outdated, so that a mirror
# whose data is old can never become primary as if it were not. DRBD_RESOURCE and DRBD_PEER name volume and peer.
# Exit codes, as DRBD takes them:
#   3  the peer's disk is Inconsistent
#   4  the peer's disk is outdated now
#   5  the peer cannot be reached; on a Primary only: it goes on, and counts the peer as outdated
#   6  the peer is Primary: a Secondary then knows that its own disk is outdated
#   7  the peer was fenced: group-start.sh --peer-fenced is at work
#   1  none of it: a Secondary is not promoted
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib/say.sh
. "$here/lib/say.sh"
# shellcheck source=lib/drbd-state.sh
. "$here/lib/drbd-state.sh"
# shellcheck source=lib/fenced.sh
. "$here/lib/fenced.sh"
# shellcheck source=lib/peer.sh
. "$here/lib/peer.sh"

# The kernel's helper has no terminal; what is said must be found again.
exec 2> >(logger -t kvm-mirror-fence-peer)
volume=${DRBD_RESOURCE:?} peer=${DRBD_PEER:?}
read_state "$(minor_of "$volume")"
before=$role

# Asked all the same when it is only somebody's word that it is off.
if [[ $before != Primary ]] && known_fenced "$peer" confirmed; then
  say "volume $volume: $peer was fenced"
  exit 7
fi
answer=0
ask_peer "$peer" "$volume" || answer=$?
case $answer in
  3 | 4 | 6)
    say "volume $volume: $peer answers $answer"
    exit "$answer" ;;
esac
if [[ $before == Primary ]]; then
  say "volume $volume: $peer cannot be reached in any network; going on alone"
  exit 5
elif known_fenced "$peer" by-word; then
  say "volume $volume: $peer does not answer, and is off by the operator's word"
  exit 7
fi
say "volume $volume: $peer cannot be asked whether it is Primary; not promoted (npm run failover fences it first)"
exit 1
