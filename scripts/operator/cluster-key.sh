#!/usr/bin/env bash
# cluster-key.sh TARGET HOSTKEY TARGET HOSTKEY
#
# Has both members of a cluster at work go over to the key for corosync's links that cluster-configure.sh has laid
# beside their present one (kvm-mirror:keyGeneration was counted up). Changes nothing unless both have the same one.
#   TARGET   user@address of a mirror, with passwordless sudo
#   HOSTKEY  ssh-ed25519 AAAA…
# Safe to run twice. Exit codes: 0 done, 1 failed, 2 usage, 3 refused; 255 when ssh failed.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"

[[ $# == 4 ]] || usage
target_or_usage "$1" "$2"
target_or_usage "$3" "$4"
on_first() { mirror_ssh "$first" "$first_key" "$(guest cluster-key.sh "$1")" </dev/null; }
on_second() { mirror_ssh "$second" "$second_key" "$(guest cluster-key.sh "$1")" </dev/null; }
first=$1 first_key=$2 second=$3 second_key=$4

one=$(on_first --seen) || fail "$first does not say which key corosync is to have there. Nothing is changed"
other=$(on_second --seen) || fail "$second does not say which key corosync is to have there. Nothing is changed"
[[ ${one%% *} == "${other%% *}" ]] || fail "$first and $second would have different keys for corosync. Nothing is" \
  "changed. Run \`pulumi up\` again when both can be configured"
on_first --take
on_second --take
# One is enough: corosync passes it on to the others.
on_first --reload
