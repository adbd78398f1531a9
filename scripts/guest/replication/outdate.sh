#!/usr/bin/env bash
# outdate.sh VOLUME: the one command that the peer's key may run here (peer-configure.sh)
#
# The peer, a Primary, goes on without this mirror: from now on the copy here is old. Waits up to 20 s until DRBD here
# knows that the connection is lost; a connected disk is not outdated.
# Exit codes:
#   3, 4, 6  DRBD's fence-peer codes: Inconsistent, outdated, Primary here
#   10       Primary here, without a good disk: the peer may have the only good copy, and must not count it as old
#   1        failed, or the disk did not take it within 6 s: a mark that comes later does no harm
#   2        usage
set -euo pipefail
room=${0%/*}
[[ -e $room/lib/base.sh ]] || room=$(dirname "$(readlink -f "$0")")/..
. "$room/lib/base.sh"
. "$here/replication/lib/drbd-state.sh"

[[ $# == 1 ]] || usage
name_or_usage "$1"
volume=$1
minor=$(minor_of "$volume")
# shellcheck disable=SC2317  # called by wait_for
decided() {
  read_state "$minor"
  [[ $role == Primary || $disk == Inconsistent || $disk == Outdated ]] || ! connected
}
# The Primary stands still meanwhile.
poll=0.05
wait_for 20 decided || fail "volume $volume is connected: $(seen)"
case $role/$disk in
  Primary/UpToDate) exit 6 ;;
  Primary/*) exit 10 ;;
  */Inconsistent) exit 3 ;;
  */Outdated) exit 4 ;;
esac
# A disk that hangs takes no mark, and nothing ends what waits for it in the kernel. The peer's clients stand still as
# long as they have no answer, so they get one: the peer then leaves its own mark. What still waits has nothing of ours
# open, or ssh would wait with it.
said=$(mktemp)
trap 'rm -f "$said"' EXIT
drbdadm outdate "$volume" </dev/null >"$said" 2>&1 &
marking=$!
# shellcheck disable=SC2317  # called by wait_for
ended() { ! kill -0 "$marking" 2>/dev/null; }
wait_for 6 ended || fail "volume $volume: drbdadm outdate $volume does not end: the disk here hangs. $(seen)"
wait "$marking" || {
  cat "$said" >&2
  fail "drbdadm outdate $volume failed; its error message is above. $(seen)"
}
say "volume $volume is outdated: the peer is Primary and goes on without this mirror"
exit 4
