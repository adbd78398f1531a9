#!/usr/bin/env bash
# end-sessions.sh GROUP ADDRESS...
#
# Ends the NBD and iSCSI connections that hosts with these storage addresses have open to the group's VIP here. It is
# for KVM hosts that are known to be off: nobody closes their connections. A host that lives connects anew as long as it
# is admitted. The VIP is elsewhere, or there are none: nothing happens. Waits until none is left (30 s).
# Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/group.sh"

[[ $# -ge 2 ]] || usage
name_or_usage "$1"
group=$1
shift
for address in "$@"; do [[ $address =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}$ ]] || usage; done
load_group "$group"
exported || exit 0

connections() { ss -Htn state connected exclude time-wait src "$VIP" dst "$1"; }
none_left() { [[ -z $(connections "$1") ]]; }
for address in "$@"; do
  found=$(connections "$address" | grep -c . || true)
  [[ $found != 0 ]] || continue
  ss -HKtn state connected exclude time-wait src "$VIP" dst "$address" >/dev/null \
    || fail "ss -K failed; its error message is above"
  wait_for 30 none_left "$address" || fail "connections from $address to $VIP do not end:" \
    "$(connections "$address" | tr -s ' \n' ' ')"
  say "ended $found connection(s) of $address to $VIP"
done
