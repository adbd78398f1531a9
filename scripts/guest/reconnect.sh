#!/usr/bin/env bash
# reconnect.sh VOLUME [--discard-my-data]
#
# Has a volume look for its peer again, after a split or a `drbdadm disconnect`. DRBD decides which side copies from
# which. Where that is not known (split brain), it disconnects again.
#   --discard-my-data  on the losing side of a split brain, before the other side connects: the peer's data overwrites
#                      what was written here since the split
# Connected already, or waiting for its peer (without the option): nothing happens.
# Refuses (3): the option on a Primary, or on a volume that is connected; a volume that is down or has no disk.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/drbd-state.sh"

[[ $# == 1 || ($# == 2 && $2 == --discard-my-data) ]] || usage
name_or_usage "$1"
volume=$1 option=${2:-}
take_lock "volume-$volume" 60
minor=$(minor_of "$volume")
read_state "$minor"
[[ $cs != Unconfigured ]] || refuse "volume $volume is down here. Bring it up: drbdadm up $volume"
[[ $disk != Diskless && $disk != Failed ]] \
  || refuse "volume $volume has no disk here ($(seen)). Attach it: drbdadm attach $volume. If that fails:" \
    "docs/runbooks/replace-a-mirror.md"
if [[ -n $option ]]; then
  [[ $role != Primary ]] || refuse "volume $volume is Primary here ($(seen)): a client may write to it. Stop its" \
    "group first: group-stop.sh"
  ! connected || refuse "volume $volume is connected ($(seen)): there is nothing to discard"
elif connected || [[ $cs == WFConnection ]]; then
  say "volume $volume: $(seen)"
  exit 0
fi

if [[ $cs != StandAlone ]]; then
  discreet_drbdadm disconnect "$volume" >&2 || fail "drbdadm disconnect $volume failed; its error message is above"
fi
# shellcheck disable=SC2086  # none or one word
discreet_drbdadm connect $option "$volume" >&2 || fail "drbdadm connect $volume failed; its error message is above"
read_state "$minor"
say "volume $volume looks for its peer${option:+, to take the peer\'s data}: $(seen)"
