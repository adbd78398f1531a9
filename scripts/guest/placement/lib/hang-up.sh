# shellcheck shell=bash
# The peer is off, as its KVM host has confirmed. DRBD finds that out by itself, for each volume, after ping-int and
# ping-timeout: 4 s, in an emulated guest more, in which clients wait. Here its connections are ended at once.
# Nothing is lost with them: what the peer had sent and is still unread here was acknowledged to no client, because with
# protocol C that takes this mirror's answer. Needs drbd-state.sh, promotion.sh (minors), path.sh and peer.sh.

# Volumes whose connection was ended here, until DRBD waits for their peer again.
readonly hung_up_dir=/run/kvm-mirror/hung-up

# answers_ping: the peer answers at one of its addresses, so it is not off, whatever its KVM host says.
answers_ping() {
  local address pings=() answer=1
  while read -r address; do
    [[ -n $address ]] || continue
    ping -n -q -c 1 -w 1 "$address" >/dev/null 2>&1 9>&- &
    pings+=("$!")
  done < <(
    replication_path | cut -d ' ' -f 3
    # shellcheck disable=SC2154  # of peer.sh
    cat "$peer_dir/addresses" 2>/dev/null || true
  )
  for address in "${pings[@]}"; do if wait "$address"; then answer=0; fi; done
  return "$answer"
}

# hang_up VOLUME...: ends the connections of those that are Secondary here. A peer that answers a ping is left alone:
# its connections end by themselves, or it is not off.
hang_up() {
  local volume still=()
  for volume in "$@"; do
    # shellcheck disable=SC2154  # of promotion.sh, and set by read_state
    read_state "${minors[$volume]}"
    # shellcheck disable=SC2154
    if connected && [[ $role == Secondary ]]; then still+=("$volume"); fi
  done
  ((${#still[@]} > 0)) || return 0
  if answers_ping; then
    say "the peer answers a ping: waiting until DRBD loses it by itself"
    return
  fi
  mkdir -p "$hung_up_dir"
  for volume in "${still[@]}"; do
    : >"$hung_up_dir/$volume"
    discreet_drbdadm disconnect --force "$volume" >&2 \
      || say "volume $volume: drbdadm disconnect failed; its error message is above. Waiting until DRBD loses the peer"
  done
}

# listen_again: those volumes wait for their peer again, as after any loss of the connection.
listen_again() {
  local file volume minor
  for file in "$hung_up_dir"/*; do
    [[ -e $file ]] || continue
    volume=${file##*/}
    minor=$(minor_of "$volume" 2>/dev/null) || continue
    read_state "$minor"
    # shellcheck disable=SC2154  # set by read_state
    if [[ $cs == StandAlone ]] && ! discreet_drbdadm connect "$volume" >&2; then
      say "volume $volume does not wait for its peer; the error message is above. When the peer is back:" \
        "drbdadm connect $volume"
      continue
    fi
    rm -f "$file"
  done
}
