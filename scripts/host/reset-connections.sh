#!/usr/bin/env bash
# reset-connections.sh VIP PORT...               (on a KVM host)
#
# Ends the TCP connections of this host to PORTs of VIP, and says how many. QEMU then connects anew at once, and sends
# again what has no answer. Run it when the VIP is served again: a connection to a server that is gone would wait until
# something ends it. A connection to a living server is ended as well, which loses nothing. None: nothing happens.
# Exit codes: 0 done, 1 failed (the kernel needs CONFIG_INET_DIAG_DESTROY), 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/as-root.sh"

[[ $# -ge 2 && $1 =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}$ ]] || usage
vip=$1
shift
for port in "$@"; do [[ $port =~ ^[1-9][0-9]{0,4}$ ]] || usage; done

# local_ends: this host's address and port of each connection that ss printed.
local_ends() { awk 'NF { print $(NF - 1) }' | sort; }

for port in "$@"; do
  # Also half-open ones: the kernel repeats an attempt to connect to a mirror that is gone for two minutes.
  filter=(state connected exclude time-wait dst "$vip" dport "=" ":$port")
  before=$(as_root ss -Htn "${filter[@]}") || fail "ss failed; its error message is above"
  [[ -n $before ]] || continue
  as_root ss -HKtn "${filter[@]}" >/dev/null || fail "ss -K failed; its error message is above"
  # Without CONFIG_INET_DIAG_DESTROY ss ends nothing and says nothing. A new connection has another port here.
  after=$(as_root ss -Htn "${filter[@]}")
  left=$(comm -12 <(local_ends <<<"$before") <(local_ends <<<"$after") | grep -c . || true)
  ((left == 0)) || fail "$left connection(s) to $vip:$port could not be ended: this host's kernel lacks" \
    "CONFIG_INET_DIAG_DESTROY"
  say "ended $(grep -c . <<<"$before") connection(s) of $(uname -n) to $vip:$port"
done
