#!/usr/bin/env bash
# Last step into the operator's place, already in its network namespace and in a mount namespace made for this one
# command (by `ip netns exec`).
# operator.sh STATE COMMAND ARG… puts the lab's key and host names where ssh looks for them, and runs COMMAND.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lab/lib/slowed.sh
source "$here/../lib/slowed.sh"

readonly state=$1
shift
# ssh takes the user's home from the password database, not from $HOME.
ssh_directory="$(getent passwd "$EUID" | cut -d: -f6)/.ssh"
mount --bind "$state/operator-ssh" "$ssh_directory"
mount --bind "$state/hosts" /etc/hosts
# Deadlines of what an operator runs are as long as the guests take them to be.
guests_clock "$state"
exec env "${clock[@]}" "$@"
