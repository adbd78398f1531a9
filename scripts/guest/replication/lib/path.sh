# shellcheck shell=bash
# What a path between two addresses carries, tried with packets of full size. A connection comes up with small packets.
# Where a bridge, a card or a switch in between has a smaller MTU than both ends, the first full packet never arrives,
# neither end is told, and DRBD or a client waits for ever. Nothing here takes longer than a few seconds.

# Bytes of an IPv4 packet that every network carries: whether the other end answers at all.
readonly small_packet=100

# reaches FROM TO BYTES: whether an unfragmented packet of so many bytes gets there and is answered within a second.
# Five are sent: a single lost packet says nothing about the MTU.
reaches() { ping -n -q -M "do" -c 1 -i 0.2 -w 1 -s "$(($3 - 28))" -I "$1" "$2" >/dev/null 2>&1; }

# probe FROM TO BYTES: sets `carries`: BYTES when packets of that size pass; otherwise the largest size that passes.
# Empty when the other end answers no packet at all: it is away, or answers no ping, and nothing is known about the MTU.
# shellcheck disable=SC2034  # the result
probe() {
  local from=$1 to=$2 low=$small_packet high=$3 step largest
  carries=
  # Both sizes at the same time: an end that is away costs a second.
  largest_of "$low" "$high"
  # Once more: an end that is very busy may have missed one and not the other.
  if [[ $largest == "$high" ]] || { [[ -n $largest ]] && reaches "$from" "$to" "$high"; }; then
    carries=$high
    return
  fi
  [[ -n $largest ]] || return 0
  # A forgotten bridge has 1500, and most let a few bytes more pass, for a VLAN tag.
  narrow 1500 1509
  while ((high - low > 1 && low != 1500)); do
    step=$(((high - low + 16) / 17))
    # shellcheck disable=SC2046  # numbers
    narrow $(seq "$((low + step))" "$step" "$((high - 1))")
  done
  carries=$low
}

# largest_of BYTES...: sets `largest`, of these sizes, asked at the same time; empty when none passes. For probe.
# shellcheck disable=SC2154  # from, to, low, high: of probe
largest_of() {
  local size asking=()
  for size in "$@"; do
    (if reaches "$from" "$to" "$size"; then exit 0; else exit 1; fi) 9>&- &
    asking+=("$!")
  done
  largest=
  for size in "$@"; do
    if wait "${asking[0]}"; then largest=$size; fi
    asking=("${asking[@]:1}")
  done
}

# narrow BYTES...: brings `low`, which passes, and `high`, which does not, closer to each other. For probe.
narrow() {
  local size inside=()
  for size in "$@"; do if ((low < size && size < high)); then inside+=("$size"); fi; done
  ((${#inside[@]} > 0)) || return 0
  largest_of "${inside[@]}"
  for size in "${inside[@]}"; do
    if [[ -n $largest ]] && ((size <= largest)); then low=$size; elif ((size < high)); then high=$size; fi
  done
}

# interface_of ADDRESS: the interface of this mirror that has it; nothing when none does.
interface_of() { ip -4 -o address show to "$1/32" 2>/dev/null | awk 'NR == 1 { print $2 }'; }

# mtu_of INTERFACE
mtu_of() { cat "/sys/class/net/$1/mtu"; }

# find_replication_path: sets path_peer, path_from and path_to, the peer's name and both addresses of this mirror's
# volumes, which all have the same; empty when there are none. Starts no program: clients may be waiting.
find_replication_path() {
  local file self host='' word name address fields
  path_peer='' path_from='' path_to=''
  read -r self </proc/sys/kernel/hostname
  for file in /etc/drbd.d/*.res; do
    [[ -e $file ]] || continue
    while read -r word name fields; do
      case $word in
        on) host=${name//\"/} ;;
        address)
          address=${fields:-$name}
          address=${address##* } address=${address%%:*}
          if [[ $host == "$self" ]]; then path_from=$address; else path_peer=$host path_to=$address; fi
          ;;
      esac
    done <"$file"
    return 0
  done
}

# replication_path: prints them, "PEER FROM TO"; nothing when there are none.
replication_path() {
  local path_peer path_from path_to
  find_replication_path
  [[ -z $path_from || -z $path_to ]] || printf '%s %s %s\n' "$path_peer" "$path_from" "$path_to"
}

# client_paths: "ADDRESS BYTES" for each client that is connected to the group's servers; BYTES is the size of packet
# that both ends agreed on. Not the MTU: the client's may be smaller, and TCP knows. Needs group.sh and its variables.
client_paths() {
  ss -Htin state established src "$VIP" "( sport = :$NBD_PORT or sport = :$ISCSI_PORT )" | awk '
    !/^[ \t]/ { address = $4; sub(/:[0-9]+$/, "", address); next }
    match($0, / mss:[0-9]+/) {
      # TCP timestamps take 12 bytes of each packet; a kernel that does not say so is asked for a little less.
      bytes = substr($0, RSTART + 5, RLENGTH - 5) + 40 + ($0 ~ /(^|[ \t])ts( |$)/ ? 12 : 0)
      if (bytes > most[address]) most[address] = bytes
    }
    END { for (address in most) print address, most[address] }' | sort
}

# path_trouble INTERFACE PEER TO MTU CARRIES: what is wrong with the replication path, and the way out.
path_trouble() {
  local key=kvm-mirror:networks.${1%0}.mtu
  printf 'the MTU of %s is %s, and the path to %s (%s) carries no packet of more than %s bytes. ' \
    "$1" "$4" "$2" "$3" "$5"
  printf 'DRBD connects over it and then waits for ever for the first larger packet, and clients with it. '
  printf 'A bridge or a network card of a KVM host, or a switch between the two, has the smaller MTU '
  printf '(on each host: ip -br link; ip link): give it %s' "$4"
  # The configuration takes no smaller one.
  (($5 < 1280)) || printf ', or set %s: %s in the stack file' "$key" "$5"
}
