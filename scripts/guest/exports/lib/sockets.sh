# shellcheck shell=bash
# Sockets of this mirror's servers, as the kernel lists them in /proc/net/tcp: no program is started, because clients
# may be waiting. All servers listen on IPv4. Needs group.sh.
# shellcheck disable=SC2154  # set there

# endpoint ADDRESS PORT: sets place, as that file writes it (on a little-endian machine, as all mirrors are).
endpoint() {
  local a b c d
  IFS=. read -r a b c d <<<"$1"
  printf -v place '%02X%02X%02X%02X:%04X' "$d" "$c" "$b" "$a" "$2"
}

# Functions that may run in a trap return a number: there, `return` alone is the status from before the trap.
# socket_listens ADDRESS PORT: sets inode, by which one socket is told from the next at the same place.
# shellcheck disable=SC2034  # the result
socket_listens() {
  local place line sockets=() fields=()
  endpoint "$1" "$2"
  inode=
  mapfile -t sockets </proc/net/tcp
  for line in "${sockets[@]}"; do
    [[ $line == *": $place 00000000:0000 0A "* ]] || continue
    IFS=' ' read -ra fields <<<"$line"
    inode=${fields[9]}
    return 0
  done
  return 1
}

# listening PORT: a server has the socket on the VIP.
listening() { socket_listens "$VIP" "$1"; }

serving() {
  [[ $NBD != yes ]] || listening "$NBD_PORT" || return 1
  [[ $ISCSI != yes ]] || listening "$ISCSI_PORT" || return 1
}

# tgtd_listens: it does so on loopback from its start on (tgt.service).
tgtd_listens() { socket_listens 127.0.0.1 3260; }

# find_connections NAME STATES: sets the list NAME to the connections of clients to the group's servers whose state is
# one of STATES (01|08|..., as in that file): "SERVER CLIENT", ADDRESS:PORT each. 1 when there are none.
find_connections() {
  # shellcheck disable=SC2178  # a list
  local -n pairs=$1
  local sockets=() line by_nbd by_iscsi place peer port
  pairs=()
  endpoint "$VIP" "$NBD_PORT" && by_nbd=$place
  endpoint "$VIP" "$ISCSI_PORT" && by_iscsi=$place
  mapfile -t sockets </proc/net/tcp
  for line in "${sockets[@]}"; do
    [[ $line =~ ^\ *[0-9]+:\ ($by_nbd|$by_iscsi)\ ([0-9A-F]{8}):([0-9A-F]{4})\ ($2)\  ]] || continue
    place=${BASH_REMATCH[1]} peer=${BASH_REMATCH[2]} port=$((0x${BASH_REMATCH[3]}))
    peer=$((0x${peer:6:2})).$((0x${peer:4:2})).$((0x${peer:2:2})).$((0x${peer:0:2}))
    pairs+=("$VIP:$((0x${place#*:})) $peer:$port")
  done
  ((${#pairs[@]} > 0))
}

# find_unfinished: sets unfinished to those that have not ended yet: established, close-wait, fin-wait-1, last-ack,
# closing.
find_unfinished() { find_connections unfinished '01|04|08|09|0B'; }

# find_clients: sets clients to those that are established, or are for the client, whose last word is not here yet.
find_clients() { find_connections clients '01|03'; }
