#!/usr/bin/env bash
# on-mirror.sh TARGET HOSTKEY SCRIPT [ARGUMENT...]
#
# Runs one of the installed scripts/guest on a mirror as root. stdin, stdout and stderr pass through.
#   TARGET   user@address, with passwordless sudo
#   HOSTKEY  ssh-ed25519 AAAA…
#   SCRIPT   its file name, for example group-start.sh
# Exit codes: those of the script; 255 when ssh failed; 2 usage.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"

[[ $# -ge 3 && $3 =~ ^[a-z][a-z-]*\.sh$ ]] || usage
target_or_usage "$1" "$2"
target=$1 hostkey=$2
shift 2
mirror_ssh "$target" "$hostkey" "$(guest "$@")" || exit
