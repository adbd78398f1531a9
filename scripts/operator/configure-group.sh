#!/usr/bin/env bash
# configure-group.sh GROUP NAME TARGET HOSTKEY NAME TARGET HOSTKEY
#
# Installs the document of an export group (stdin) on both of its mirrors (NAME, user@address, host key), or on neither: first each
# mirror says whether it would take it (group-configure.sh --check), then the one that serves the group installs it, for it alone
# may still refuse, then the other one. Whom a group admits would otherwise depend on where it runs, and a failover would leave clients outside.
# With a mirror that cannot be reached nothing is changed. Safe to run twice.
# Exit codes: 0 both have it, 1 failed (the message says who has it), 2 usage, 3 refused; 255 a mirror that cannot be reached.
set -euo pipefail
here=$(dirname "$0")
# shellcheck source=lib/mirror-ssh.sh
. "$here/lib/mirror-ssh.sh"

[[ $# == 7 && $1 =~ ^[a-zA-Z0-9][a-zA-Z0-9_-]*$ ]] || usage
target_or_usage "$3" "$4"
target_or_usage "$6" "$7"
group=$1 one=$2 other=$5
declare -A target=(["$2"]=$3 ["$5"]=$6) hostkey=(["$2"]=$4 ["$5"]=$7)
# Of each line its end, too: what $() keeps.
document=$(cat && printf .)
document=${document%.}
# on MIRROR ARGUMENT...: group-configure.sh there.
on() { printf '%s' "$document" | mirror_ssh "${target[$1]}" "${hostkey[$1]}" "$(guest group-configure.sh "$group" "${@:2}")"; }

first=$one second=$other
for mirror in "$one" "$other"; do
  status=0
  does=$(on "$mirror" --check) || status=$?
  if ((status != 0)); then
    say "group $group: nothing is changed on either mirror: $mirror $( ((status == 255)) && echo 'cannot be reached' || echo 'does not take the new configuration') (the words are above), and with another one on each mirror a failover would leave clients outside"
    exit "$status"
  fi
  if [[ $mirror == "$other" && $does == serving ]]; then first=$other second=$one; fi
done

status=0
on "$first" || status=$?
if ((status != 0)); then
  say "group $group: $first did not install its new configuration (the words are above); $second keeps the old one"
  exit "$status"
fi
on "$second" || fail "group $group: $first has the new configuration, $second has not (the words are above). Until \`pulumi up\` has brought it there, keep the group on $first: on $second other clients are admitted"
