# shellcheck shell=bash
# The peer, asked over ssh in the networks that DRBD does not use. peer-configure.sh installs key and addresses.

readonly peer_dir=/etc/kvm-mirror/peer

# ask_peer PEER VOLUME: has the peer outdate its disk; outdate.sh's exit code (3, 4, 6, 10), or 255 when no address of it
# answers. Clients wait: each address is asked 2 s after the one before it unless that one has failed, and the first
# answer counts. A login costs both mirrors time, so they are not asked at once; being asked twice does no harm.
ask_peer() {
  local address status asked=() pids=() each
  [[ -r $peer_dir/addresses && $(<"$peer_dir/name") == "$1" ]] || return 255
  mapfile -t asked <"$peer_dir/addresses"
  for address in "${asked[@]}"; do
    ask_at "$address" "$1" "$2" 8>&- 9>&- &
    pids+=("$!")
    sleep 2 8>&- 9>&- &
    each=$!
    status=0
    wait -n "$each" "${pids[@]}" || status=$?
    case $status in 3 | 4 | 6 | 10) return "$status" ;; esac
  done
  for each in "${pids[@]}"; do
    status=0
    wait "$each" || status=$?
    case $status in 3 | 4 | 6 | 10) return "$status" ;; esac
  done
  return 255
}

# ask_at ADDRESS PEER VOLUME
ask_at() {
  local status=0
  ssh -n -i "$peer_dir/key" -o BatchMode=yes -o IdentitiesOnly=yes -o ConnectTimeout=3 -o ServerAliveInterval=3 -o ServerAliveCountMax=2 \
    -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$peer_dir/known_hosts" -o GlobalKnownHostsFile=/dev/null -o HostKeyAlias="$2" \
    -o LogLevel=ERROR "$(<"$peer_dir/user")@$1" "$3" >&2 || status=$?
  case $status in 3 | 4 | 6 | 10) ;; *) say "$2 at $1: status $status" ;; esac
  return "$status"
}
