#!/usr/bin/env bash
# group-where.sh GROUP
#
# Prints what a group does on this mirror:
#   serving  it was started here, or its VIP is here
#   waiting  it ran here last, and starts when the peer is back
#   idle     neither
# Exit codes: 0 done, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/at-boot.sh"
. "$here/lib/group.sh"

[[ $# == 1 ]] || usage
name_or_usage "$1"
load_group "$1"
if [[ -e $active_dir/$1 ]] || vip_present; then
  echo serving
elif starts_at_boot "kvm-mirror-group@$1.service"; then
  echo waiting
else
  echo idle
fi
