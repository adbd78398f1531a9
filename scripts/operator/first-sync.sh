#!/usr/bin/env bash
# first-sync.sh VOLUME GENERATION WAIT DEADLINE_S PREFERRED NAME TARGET HOSTKEY NAME TARGET HOSTKEY
#
# The first synchronisation of a volume that is new on both its mirrors (NAME, user@address, host key), by
# drbd-first-sync.sh on PREFERRED. It runs once for each GENERATION. Three places remember that: the OS disks of the two
# mirrors, and Pulumi's state (the output of the run before, in PULUMI_COMMAND_STDOUT). One of them is enough: what it
# knows is put on record on both mirrors before anything else.
# stdout: "first-sync GENERATION".
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused; 255 a mirror that cannot be reached.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"
. "$here/lib/both-mirrors.sh"

[[ $# == 11 && $1 =~ ^[a-zA-Z0-9][a-zA-Z0-9_-]*$ && $2 =~ ^[1-9][0-9]*$ && ($5 == "$6" || $5 == "$9") ]] || usage
volume=$1 generation=$2 wait=$3 deadline=$4 preferred=$5
know_mirrors "${@:6}"
ask_history "$volume"

known=0
if [[ ${PULUMI_COMMAND_STDOUT:-} =~ (^|$'\n')first-sync\ ([1-9][0-9]*)($|$'\n') ]]; then known=${BASH_REMATCH[2]}; fi
for mirror in "$one" "$other"; do
  of=$(sed -n 's/^first-sync //p' <<<"${history[$mirror]}")
  if ((of > known)); then known=$of; fi
done
if ((known > 0)); then
  for mirror in "$one" "$other"; do on "$mirror" volume-history.sh "$volume" first-sync "$known"; done
fi
on "$preferred" drbd-first-sync.sh "$volume" "$wait" "$deadline" "$generation"
ask_history "$volume"
anew=()
if grep -qx new <<<"${history[$preferred]}"; then anew=(anew); fi
on "$(peer_of "$preferred")" volume-history.sh "$volume" first-sync "$generation" "${anew[@]}"
printf 'first-sync %s\n' "$((known > generation ? known : generation))"
