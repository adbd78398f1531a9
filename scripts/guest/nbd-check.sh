#!/usr/bin/env bash
# nbd-check.sh GROUP
#
# Whether every export of the group's NBD configuration names an address list that exists. nbd-server takes a missing
# list for permission to everybody.
# Exit codes: 0 yes, 2 usage, 3 refused: no.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib/say.sh
. "$here/lib/say.sh"
# shellcheck source=lib/group.sh
. "$here/lib/group.sh"

[[ $# == 1 ]] || usage
name_or_usage "$1"
config=/etc/nbd-server/kvm-mirror-$1.conf
[[ -r $config ]] || refuse "there is no $config"
exports=$(grep -c '^[[:space:]]*exportname[[:space:]]*=' "$config") || refuse "$config exports nothing"
[[ $(admission_files "$1" | wc -l) == "$exports" ]] \
  || refuse "in $config an export has no authfile: nbd-server would admit everybody to it"
while read -r file; do
  [[ -f $file ]] || refuse "$config names $file, and that file is missing: nbd-server would admit everybody"
done < <(admission_files "$1")
