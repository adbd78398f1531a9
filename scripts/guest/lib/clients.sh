# shellcheck shell=bash
# Connections of a group's clients under a cluster. The mirror that serves tells the other one which there are; when that one takes over, it ends them
# (tickle ACK, as ocf:heartbeat:portblock does): the client's kernel answers, gets a reset, and QEMU connects anew at once. Left to itself, a client that
# waits for an acknowledgement of a dead mirror asks again later and later: after 6, 12, 25, 51 s. Needs say.sh, group.sh and cluster.sh.
# shellcheck disable=SC2154  # set there

# Of the package resource-agents, in Debian and in older releases.
PATH+=:/usr/libexec/heartbeat:/usr/lib/heartbeat

readonly told_dir=/run/kvm-mirror/told

clients_attribute() { printf 'kvm-mirror-clients-%s' "$1"; }

# tell_clients GROUP: the cluster keeps, in the memory of its members, the peer's list of the connections to the group's servers.
tell_clients() {
  local now peer
  under_cluster || return 0
  peer=$(sed -n 's/^PEER=//p' "$cluster_file")
  [[ -n $peer ]] || return 0
  now=$(ss -Htn state established src "$VIP" "( sport = :$NBD_PORT or sport = :$ISCSI_PORT )" | awk '{ print $3 "-" $4 }' | sort | paste -sd,)
  if [[ -e $told_dir/$1 && $(<"$told_dir/$1") == "$now" ]]; then return 0; fi
  if attrd_updater --name "$(clients_attribute "$1")" --private --node "$peer" --update "$now" >/dev/null; then
    mkdir -p "$told_dir"
    printf '%s\n' "$now" >"$told_dir/$1"
  else
    say "the cluster did not take the list of clients of group $1: after a failover they come back later"
  fi
}

# end_old_connections GROUP PORT: those that the peer had at the VIP. What it cannot do costs time alone.
end_old_connections() {
  local known
  # name="…" host="…" value="…"
  known=$(attrd_updater --name "$(clients_attribute "$1")" --node "$(uname -n)" --query 2>/dev/null | sed -n 's/.* value="\([^"]*\)".*/\1/p') || return 0
  known=$(tr ',' '\n' <<<"$known" | awk -F- -v server="$VIP:$2" '$1 == server { print $1, $2 }')
  [[ -n $known ]] || return 0
  say "ending old connections of clients: $(awk '{ printf "%s ", $2 }' <<<"$known")"
  tickle_tcp -n 3 <<<"$known" >/dev/null || say "tickle_tcp failed (its words are above)"
}
