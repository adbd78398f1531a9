# shellcheck shell=bash
# Connections of a group's clients under a cluster. The mirror that serves tells the other one which there are. When
# that one takes over, it ends them (tickle ACK, as ocf:heartbeat:portblock does): the client's kernel answers, gets a
# reset, and QEMU connects anew at once. Without that, a client that waits for an acknowledgement of a dead mirror asks
# again later and later: after 6, 12, 25, 51 s. Needs group.sh and cluster.sh.
# shellcheck disable=SC2154  # set there

# Of the package resource-agents, in Debian and in older releases.
PATH+=:/usr/libexec/heartbeat:/usr/lib/heartbeat

clients_attribute() { printf 'kvm-mirror-clients-%s' "$1"; }

# clients_told GROUP NODE: the list that a mirror was given; empty when there is none. Asked for each time: the cluster
# forgets the list of a mirror that leaves.
clients_told() {
  # name="…" host="…" value="…"
  attrd_updater --name "$(clients_attribute "$1")" --node "$2" --query 2>/dev/null \
    | sed -n 's/.* value="\([^"]*\)".*/\1/p'
}

# tell_clients GROUP: gives the peer the list of the connections to the group's servers. The cluster keeps it in the
# memory of its members.
tell_clients() {
  local now line peer=''
  under_cluster || return 0
  while read -r line; do if [[ $line == PEER=* ]]; then peer=${line#PEER=}; fi; done <"$cluster_file"
  [[ -n $peer ]] || return 0
  now=$(ss -Htn state established src "$VIP" "( sport = :$NBD_PORT or sport = :$ISCSI_PORT )" \
    | awk '{ print $3 "-" $4 }' | sort | paste -sd,) || return 0
  [[ $(clients_told "$1" "$peer" || true) != "$now" ]] || return 0
  attrd_updater --name "$(clients_attribute "$1")" --private --node "$peer" --update "$now" >/dev/null \
    || say "the cluster did not take the list of clients of group $1. After a failover they reconnect later"
}

# end_old_connections GROUP PORT: ends those that the peer had at the VIP. A failure costs time, and nothing else.
end_old_connections() {
  local known
  known=$(clients_told "$1" "$(uname -n)") || return 0
  known=$(tr ',' '\n' <<<"$known" | awk -F- -v server="$VIP:$2" '$1 == server { print $1, $2 }')
  [[ -n $known ]] || return 0
  say "ending old connections of clients: $(awk '{ printf "%s ", $2 }' <<<"$known")"
  tickle_tcp -n 3 <<<"$known" >/dev/null || say "tickle_tcp failed; its error message is above"
}
