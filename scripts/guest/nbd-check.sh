#!/usr/bin/env bash
# nbd-check.sh GROUP
#
# Whether every export of the group's NBD configuration names an address list that exists: nbd-server takes a missing
# list for permission to everybody. This looks at what nbd-server is about to get, whatever the table of exports says.
# Exit codes: 0 fine, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"

[[ $# == 1 ]] || usage
name_or_usage "$1"
config=/etc/nbd-server/kvm-mirror-$1.conf
[[ -r $config ]] || refuse "there is no $config"
exports=$(grep -c '^[[:space:]]*exportname[[:space:]]*=' "$config") || refuse "$config exports nothing"
mapfile -t lists < <(sed -n 's/^[[:space:]]*authfile[[:space:]]*=[[:space:]]*//p' "$config")
[[ ${#lists[@]} == "$exports" ]] || refuse "$config: not every export has an authfile"
for list in "${lists[@]}"; do
  [[ -f $list ]] || refuse "$config names $list, which is missing: nbd-server would admit everybody"
done
