#!/usr/bin/env bash
# probe-path.sh PEER FROM TO
#
# Whether the replication path from this mirror's address FROM to its peer's, TO, carries packets as large as the MTU of
# this mirror's interface. `pulumi up` asks on both mirrors before DRBD uses the path, or uses it differently.
# Waits up to 30 s for the peer to answer at all. If it does not, that says nothing about the MTU: the script says so,
# and ends with 0. DRBD waits for the peer, and tells more.
# Refuses (3): a path that carries less; no address FROM here; no ping.
# Exit codes: 0 the path carries it, or the peer does not answer; 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/path.sh"

[[ $# == 3 && "$2 $3" =~ ^[0-9.]+\ [0-9.]+$ ]] || usage
name_or_usage "$1"
peer=$1 from=$2 to=$3
command -v ping >/dev/null || refuse "this mirror has no ping, so it is unknown whether the path to $peer carries" \
  "full packets. On $(uname -n): sudo apt-get install iputils-ping; then pulumi up again"
interface=$(interface_of "$from")
[[ -n $interface ]] || refuse "no interface of this mirror has the address $from, and DRBD replicates from it. Look:" \
  "ip -br address"
mtu=$(mtu_of "$interface")

answered() {
  probe "$from" "$to" "$mtu"
  [[ -n $carries ]]
}
if ! wait_for 30 answered; then
  say "$peer answers no ping at $to from $from. So it is unknown whether the path carries the MTU of $interface" \
    "($mtu). If DRBD connects and then hangs, look there first"
  exit 0
fi
((carries == mtu)) || refuse "$(path_trouble "$interface" "$peer" "$to" "$mtu" "$carries"); then pulumi up again"
