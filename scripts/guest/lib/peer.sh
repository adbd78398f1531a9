# shellcheck shell=bash
# The peer, asked over ssh in the networks that DRBD does not use. peer-configure.sh installs key and addresses.

readonly peer_dir=/etc/kvm-mirror/peer

# ask_peer PEER VOLUME: has the peer outdate its disk; outdate.sh's exit code (3, 4,
# 6), or 255 when no address of it answers. Asked at all addresses at
# the same time: clients wait, and twice does no harm.
ask_peer() {
  local address status=255 answer asked=()
  [[ -r $peer_dir/addresses && $(<"$peer_dir/name") == "$1" ]] || return 255
  while read -r address; do
    ask_at "$address" "$1" "$2" 8>&- 9>&- &
    asked+=("$!")
  done <"$peer_dir/addresses"
  for answer in "${asked[@]}"; do
    if wait "$answer"; then answer=0; else answer=$?; fi
    case $answer in 3 | 4 | 6) status=$answer ;; esac
  done
  return "$status"
}

# ask_at ADDRESS PEER VOLUME
ask_at() {
  local status=0
  ssh -n -i "$peer_dir/key" -o BatchMode=yes -o IdentitiesOnly=yes -o ConnectTimeout=3 -o ServerAliveInterval=3 -o ServerAliveCountMax=2 \
    -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$peer_dir/known_hosts" -o GlobalKnownHostsFile=/dev/null -o HostKeyAlias="$2" \
    -o LogLevel=ERROR "$(<"$peer_dir/user")@$1" "$3" >&2 || status=$?
  case $status in 3 | 4 | 6) ;; *) say "$2 at $1: status $status" ;; esac
  return "$status"
}
