#!/usr/bin/env bash
# leave-record.sh TARGET HOSTKEY TARGET HOSTKEY
#
# Leaves the record of a command (stdin: a line, as command-record.sh takes it) in the journals of both mirrors
# (user@address, host key), at the same time. A mirror that does not take it is left out, and named. What the record is
# about never waits for this: the caller runs it beside the work, with a deadline.
# Exit codes: 0 a mirror has it, 1 neither has, 2 usage.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"

[[ $# == 4 ]] || usage
target_or_usage "$1" "$2"
target_or_usage "$3" "$4"
IFS= read -r line || true
# leave TARGET HOSTKEY: sshd's own word says where this machine is seen.
leave() {
  # shellcheck disable=SC2016  # the mirror's shell expands it
  mirror_ssh "$1" "$2" "$(guest command-record.sh)"'"${SSH_CONNECTION%% *}"' <<<"$line" \
    || {
      say "$1 takes no record of the command"
      return 1
    }
}
left=0
(leave "$1" "$2" || exit 1) &
one=$!
leave "$3" "$4" || left=1
wait "$one" || left=$((left + 1))
((left < 2)) || fail "no mirror has a record of the command"
