#!/usr/bin/env bash
# reset-connections.sh VIP PORT...               (on a KVM host)
#
# Ends the TCP connections of this host to PORTs of VIP, so that QEMU connects anew at once and sends again what has no
# answer. For clients whose connection leads to a server that is gone:
# QEMU waits for the answer to a read for as long as
# nothing tells it otherwise. A connection to a living server is ended as well, which costs a new one and loses nothing.
# Run it when the VIP is served again. Says how many were ended. None: nothing happens.
# Exit codes: 0 done, 1 failed (the kernel needs CONFIG_INET_DIAG_DESTROY), 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/as-root.sh"

[[ $# -ge 2 && $1 =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}$ ]] || usage
vip=$1
shift
for port in "$@"; do [[ $port =~ ^[1-9][0-9]{0,4}$ ]] || usage; done

for port in "$@"; do
  # Also half-open ones: a connection attempt to a mirror that is gone would be repeated for two minutes.
  filter=(state connected exclude time-wait dst "$vip" dport "=" ":$port")
  before=$(as_root ss -Htn "${filter[@]}") || fail "ss failed (its words are above)"
  [[ -n $before ]] || continue
  as_root ss -HKtn "${filter[@]}" >/dev/null || fail "ss -K failed (its words are above)"
  # Without CONFIG_INET_DIAG_DESTROY ss ends nothing and says nothing; a
  # connection that was made anew has another port here.
  after=$(as_root ss -Htn "${filter[@]}")
  left=$(comm -12 <(awk 'NF { print $(NF - 1) }' <<<"$before" | sort) <(awk 'NF { print $(NF - 1) }' <<<"$after" | sort) | grep -c . || true)
  ((left == 0)) || fail "$left connection(s) to $vip:$port could not be ended: this host's kernel has no CONFIG_INET_DIAG_DESTROY"
  say "ended $(grep -c . <<<"$before") connection(s) of $(uname -n) to $vip:$port"
done
