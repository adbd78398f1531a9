#!/usr/bin/env bash
# nbd-check.sh GROUP
#
# Whether every export of the group's NBD configuration names an address list that exists. nbd-server takes a missing
# list for permission to everybody. This reads what nbd-server is about to get, whatever the table of exports says.
# Exit codes: 0 yes, 2 usage, 3 refused: no.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"

[[ $# == 1 ]] || usage
name_or_usage "$1"
config=/etc/nbd-server/kvm-mirror-$1.conf
[[ -r $config ]] || refuse "there is no $config"
exports=$(grep -c '^[[:space:]]*exportname[[:space:]]*=' "$config") || refuse "$config exports nothing"
mapfile -t lists < <(sed -n 's/^[[:space:]]*authfile[[:space:]]*=[[:space:]]*//p' "$config")
[[ ${#lists[@]} == "$exports" ]] \
  || refuse "in $config an export has no authfile: nbd-server would admit everybody to it"
for list in "${lists[@]}"; do
  [[ -f $list ]] || refuse "$config names $list, and that file is missing: nbd-server would admit everybody"
done
