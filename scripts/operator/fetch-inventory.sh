#!/usr/bin/env bash
# fetch-inventory.sh TARGET [HOSTKEY]
#
# Prints the inventory that the last successful `pulumi up` left on a mirror.
#   TARGET   user@address
#   HOSTKEY  ssh-ed25519 AAAA…; without it the mirror's key must be in the operator's known_hosts already. Nothing is
#            trusted on first use
# Exit codes: 0 done, 2 usage, 3 there is none; 255 when ssh failed.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"

[[ $# == 1 || $# == 2 ]] || usage
target_or_usage "$1" "${2:-ssh-ed25519 AAAA}"
show=$(guest inventory.sh show)
if (($# == 2)); then
  mirror_ssh "$1" "$2" "$show" </dev/null || exit
else
  # shellcheck disable=SC2154  # of ssh-options.sh
  ssh "${ssh_options[@]}" -o StrictHostKeyChecking=yes -- "$1" "$show" </dev/null || exit
fi
