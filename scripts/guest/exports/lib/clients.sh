# shellcheck shell=bash
# Connections that clients have to a mirror that serves no longer. The mirror that takes over ends them (tickle ACK, as
# ocf:heartbeat:portblock does): the client's kernel answers, gets a reset, and QEMU connects anew at once. Without
# that, a client that waits for an acknowledgement of a dead mirror asks again later and later: after 6, 12, 25, 51 s.
# Connections are lines "SERVER CLIENT", ADDRESS:PORT each. Needs base.sh, group.sh and cluster.sh.
# shellcheck disable=SC2154  # set there

# Of the package resource-agents, in Debian and in older releases.
PATH+=:/usr/libexec/heartbeat:/usr/lib/heartbeat

# A hand-over that the clients were not told of keeps its list here, on both mirrors, until one of them has ended those
# connections. A reboot removes it.
readonly left_dir=/run/kvm-mirror/left

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
  local now line peer='' clients=()
  under_cluster || return 0
  while read -r line; do if [[ $line == PEER=* ]]; then peer=${line#PEER=}; fi; done <"$cluster_file"
  [[ -n $peer ]] || return 0
  find_clients || true
  printf -v now '%s,' "${clients[@]/ /-}"
  now=${now%,}
  [[ $(clients_told "$1" "$peer" || true) != "$now" ]] || return 0
  attrd_updater --name "$(clients_attribute "$1")" --private --node "$peer" --update "$now" >/dev/null \
    || say "the cluster did not take the list of clients of group $1. After a failover they reconnect later"
}

# can_end_connections: the program for it is here.
can_end_connections() { type -P tickle_tcp >/dev/null; }

# leave_connections GROUP CONNECTION...: who serves the group next is to end them. A full /run costs time, nothing else.
leave_connections() {
  make_directory "$left_dir"
  printf '%s\n' "${@:2}" >"$left_dir/$1" || true
}

# end_old_connections GROUP PORT CONNECTION...: begins to end those, and others that clients had at the VIP: to the
# peer, by the cluster's list, and those of a hand-over. PORT may be empty. Nobody waits for it; a failure costs time
# alone.
end_old_connections() {
  local left=()
  [[ ! -e $left_dir/$1 ]] || mapfile -t left <"$left_dir/$1"
  left+=("${@:3}")
  under_cluster || ((${#left[@]} > 0)) || return 0
  { tickle_clients "$1" "$2" 2>&1 | logger -t kvm-mirror-clients; } </dev/null >/dev/null 2>&1 9>&- &
}

tickle_clients() {
  local pair pairs=() old=() after
  if under_cluster; then IFS=, read -ra pairs <<<"$(clients_told "$1" "$(uname -n)" || true)"; fi
  for pair in "${pairs[@]/-/ }" "${left[@]}"; do
    if [[ $pair == "$VIP:$2"* ]]; then old+=("$pair"); fi
  done
  ((${#old[@]} > 0)) || return 0
  say "ending old connections of clients: ${old[*]#* }"
  # Again, because the VIP's announcement may still be on its way: a client's answer then goes to the mirror that does
  # not serve any more. What a client has anew is not harmed.
  for after in 0.1 0.3 0; do
    printf '%s\n' "${old[@]}" | tickle_tcp -n 1 >/dev/null || say "tickle_tcp failed; its error message is above"
    pause "$after"
  done
}

# forget_connections GROUP: those of a hand-over are ended, or their clients have come anew.
forget_connections() { [[ ! -e $left_dir/$1 ]] || rm -f "$left_dir/$1"; }
