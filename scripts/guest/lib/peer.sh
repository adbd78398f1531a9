# shellcheck shell=bash
# The peer, asked over ssh in the networks that DRBD does not use. peer-configure.sh installs key and addresses.

readonly peer_dir=/etc/kvm-mirror/peer

# ask_peer PEER VOLUME: has the peer outdate its disk; outdate.sh's exit code (3, 4, 6), or 255 when no address of it answers.
ask_peer() {
  local address status=255
  [[ -r $peer_dir/addresses && $(<"$peer_dir/name") == "$1" ]] || return 255
  while read -r address; do
    status=0
    ssh -n -i "$peer_dir/key" -o BatchMode=yes -o IdentitiesOnly=yes -o ConnectTimeout=3 -o ServerAliveInterval=3 -o ServerAliveCountMax=2 \
      -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$peer_dir/known_hosts" -o GlobalKnownHostsFile=/dev/null -o HostKeyAlias="$1" \
      -o LogLevel=ERROR "$(<"$peer_dir/user")@$address" "$2" >&2 || status=$?
    case $status in 3 | 4 | 6) return "$status" ;; esac
    say "$1 at $address: status $status"
  done <"$peer_dir/addresses"
  return 255
}
