#!/usr/bin/env bash
# remove-group.sh GROUP NAME TARGET HOSTKEY NAME TARGET HOSTKEY
#
# Removes an export group that has left the stack from both of its mirrors (NAME, user@address, host key), by
# group-remove.sh on each. Safe to run twice.
# Exit codes: 0 neither has it, 1 failed, 2 usage, 3 refused (a client has it open); 255 a mirror that cannot be
# reached.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"
. "$here/lib/record.sh"

[[ $# == 7 && $1 =~ ^[a-zA-Z0-9][a-zA-Z0-9_-]*$ ]] || usage
target_or_usage "$3" "$4"
target_or_usage "$6" "$7"
record_on "$1" "$3" "$4" "$6" "$7"
mirror_ssh "$3" "$4" "$(guest group-remove.sh "$1")" </dev/null || exit
mirror_ssh "$6" "$7" "$(guest group-remove.sh "$1")" </dev/null || exit
