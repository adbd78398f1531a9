# shellcheck shell=bash
# The peer, asked over ssh in the networks that DRBD does not use. peer-configure.sh installs key and addresses.

readonly peer_dir=/etc/kvm-mirror/peer

# ask_peer PEER VOLUME: has the peer outdate its disk. Returns outdate.sh's exit code (3, 4, 6, 10), or 255 when none of
# its addresses answers. Clients wait, and a login costs both mirrors time: each address is asked 2 s after the one
# before it, and the first answer counts. The remaining addresses are then not asked; asking twice does no harm. One
# that is connected and says nothing for 30 s has given none: outdate.sh takes 26 at most, and what it began may hold
# ssh up.
ask_peer() {
  local address delay=0 status ended name='' user=''
  local -A pending=()
  { read -r name <"$peer_dir/name"; } 2>/dev/null || true
  [[ -r $peer_dir/addresses && $name == "$1" ]] || return 255
  { read -r user <"$peer_dir/user"; } 2>/dev/null || true
  while read -r address; do
    {
      ((delay == 0)) || sleep "$delay"
      ask_at "$address" "$1" "$2"
    } 8>&- 9>&- &
    pending[$!]=yes
    delay=$((delay + 2))
  done <"$peer_dir/addresses"
  while ((${#pending[@]} > 0)); do
    status=0
    wait -n -p ended "${!pending[@]}" || status=$?
    unset "pending[$ended]"
    case $status in
      3 | 4 | 6 | 10)
        ((${#pending[@]} == 0)) || kill "${!pending[@]}" 2>/dev/null || true
        return "$status"
        ;;
    esac
  done
  return 255
}

# ask_at ADDRESS PEER VOLUME: for ask_peer.
# shellcheck disable=SC2154  # user: of ask_peer
ask_at() {
  local status=0
  timeout 30 ssh -n -i "$peer_dir/key" -o BatchMode=yes -o IdentitiesOnly=yes -o ConnectTimeout=3 \
    -o ServerAliveInterval=3 -o ServerAliveCountMax=2 -o StrictHostKeyChecking=yes \
    -o UserKnownHostsFile="$peer_dir/known_hosts" -o GlobalKnownHostsFile=/dev/null -o HostKeyAlias="$2" \
    -o LogLevel=ERROR "$user@$1" "$3" >&2 || status=$?
  case $status in 3 | 4 | 6 | 10) ;; *) say "$2 at $1: status $status" ;; esac
  return "$status"
}
