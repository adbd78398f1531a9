#!/usr/bin/env bash
# keep-inventory.sh STACK TARGET HOSTKEY TARGET HOSTKEY
#
# The last step of `pulumi up`. Puts the inventory of what was achieved (stdin) on both mirrors (inventory.sh) and on
# this machine, in ${XDG_STATE_HOME:-~/.local/state}/kvm-mirror/STACK/inventory.json. Failover reads it there when
# Pulumi's backend does not answer.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused; 255 a mirror that cannot be reached.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"

[[ $# == 5 && $1 =~ ^[A-Za-z0-9_][A-Za-z0-9._-]*$ ]] || usage
target_or_usage "$2" "$3"
target_or_usage "$4" "$5"
document=$(cat)
for mirror in 2 4; do
  key=$((mirror + 1))
  mirror_ssh "${!mirror}" "${!key}" "$(guest inventory.sh keep)" <<<"$document"
done
umask 077
kept=${XDG_STATE_HOME:-$HOME/.local/state}/kvm-mirror/$1/inventory.json
mkdir -p "${kept%/*}"
new=$(mktemp "$kept.XXXXXX")
trap 'rm -f "$new"' EXIT
printf '%s\n' "$document" >"$new"
sync "$new"
mv -T "$new" "$kept"
