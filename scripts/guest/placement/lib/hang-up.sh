# shellcheck shell=bash
# The peer is off, as its KVM host has confirmed. DRBD finds that out by itself, for each volume, after ping-int and
# ping-timeout: 4 s, in an emulated guest more, in which clients wait. Here its connections are ended at once.
# Nothing is lost with them: what the peer had sent and is still unread here was acknowledged to no client, because with
# protocol C that takes this mirror's answer. Needs drbd-state.sh (minors), path.sh and peer.sh.

# Volumes whose connection was ended here, until DRBD waits for their peer again.
readonly hung_up_dir=/run/kvm-mirror/hung-up

# A peer that is off does not say so: silence for a second is the answer. The pings run while the script does what else
# is to be done before.
pings=() still=()

# find_still VOLUME...: sets still: those that are Secondary here, and whose peer is connected.
find_still() {
  local volume
  still=()
  read_states
  for volume in "$@"; do
    # shellcheck disable=SC2154  # minors: of drbd-state.sh
    state_of "${minors[$volume]}"
    # shellcheck disable=SC2154  # set by state_of
    if connected && [[ $role == Secondary ]]; then still+=("$volume"); fi
  done
}

# ping_peer VOLUME...: begins to ask the peer at all of its addresses, if the volumes have connections to be ended.
ping_peer() {
  # shellcheck disable=SC2034  # set by find_replication_path
  local address addresses=() path_peer path_from path_to
  find_still "$@"
  ((${#still[@]} > 0)) || return 0
  find_replication_path
  # shellcheck disable=SC2154  # of peer.sh
  if [[ -r $peer_dir/addresses ]]; then mapfile -t addresses <"$peer_dir/addresses"; fi
  for address in "$path_to" "${addresses[@]}"; do
    [[ -n $address ]] || continue
    ping -n -q -c 1 -w 1 "$address" >/dev/null 2>&1 9>&- &
    pings+=("$!")
  done
}

# peer_answers_ping: it does so at one of its addresses, so it is not off, whatever its KVM host says.
peer_answers_ping() {
  local ping answer=1
  for ping in "${pings[@]}"; do if wait "$ping"; then answer=0; fi; done
  pings=()
  return "$answer"
}

# hang_up VOLUME...: after ping_peer, ends the connections of those that are Secondary here. A peer that answers a ping
# is left alone: its connections end by themselves, or it is not off.
hang_up() {
  local volume
  ((${#still[@]} > 0)) || return 0
  if peer_answers_ping; then
    say "the peer answers a ping: waiting until DRBD loses it by itself"
    return 0
  fi
  find_still "$@"
  ((${#still[@]} > 0)) || return 0
  make_directory "$hung_up_dir"
  for volume in "${still[@]}"; do : >"$hung_up_dir/$volume"; done
  # One call for all.
  discreet_drbdadm disconnect --force "${still[@]}" >&2 \
    || say "drbdadm disconnect failed; its error message is above. Waiting until DRBD loses the peer"
}

# listen_again: those volumes wait for their peer again, as after any loss of the connection.
listen_again() {
  local file volume volumes=() alone=() over=()
  for file in "$hung_up_dir"/*; do if [[ -e $file ]]; then volumes+=("${file##*/}"); fi; done
  ((${#volumes[@]} > 0)) || return 0
  find_minors "${volumes[@]}" 2>/dev/null || true
  read_states
  for volume in "${volumes[@]}"; do
    [[ -n ${minors[$volume]:-} ]] || continue
    state_of "${minors[$volume]}"
    # shellcheck disable=SC2154  # set by state_of
    if [[ $cs == StandAlone ]]; then alone+=("$volume"); else over+=("$hung_up_dir/$volume"); fi
  done
  if ((${#alone[@]} > 0)); then discreet_drbdadm connect "${alone[@]}" >&2 || true; fi
  read_states
  for volume in "${alone[@]}"; do
    state_of "${minors[$volume]}"
    if [[ $cs != StandAlone ]]; then
      over+=("$hung_up_dir/$volume")
    else
      say "volume $volume does not wait for its peer; the error message is above. When the peer is back:" \
        "drbdadm connect $volume"
    fi
  done
  ((${#over[@]} == 0)) || rm -f "${over[@]}"
}
