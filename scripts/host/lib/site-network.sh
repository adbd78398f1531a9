# shellcheck shell=bash
# Bridges, paths, addresses and firewall of a KVM host: probes of site-facts.sh, which has the questions and prints
# rows. Needs as-root.sh.
# shellcheck disable=SC2154  # set there

# link_word KEY: the word behind KEY in a line of `ip -o link`.
link_word() { sed -n "s/.* $1 \([^ ]*\).*/\1/p"; }

probe_bridge() {
  local line ports='' port state=up mtu=0
  if ! line=$(ip -o link show dev "$1" 2>/dev/null); then
    state=absent
  elif [[ -z $(ip -o link show dev "$1" type bridge 2>/dev/null) ]]; then
    state=no-bridge
  else
    mtu=$(link_word mtu <<<"$line")
    if [[ ! $line =~ [\<,]UP[,\>] ]]; then state=down; elif [[ $line == *NO-CARRIER* ]]; then state=no-carrier; fi
    # Taps of guests come and go; what joins the hosts is another port.
    while read -r _ port line; do
      port=${port%:} port=${port%%@*}
      [[ $port =~ ^(vnet|tap|macvtap) ]] || ports+=" $port:$(link_word mtu <<<" $line")"
    done < <(ip -o link show master "$1")
  fi
  row bridge name "$1" state "$state" mtu "$mtu" ports "${ports# }"
}

# device_of ADDRESS: on which this host has it.
device_of() { ip -o -4 address show to "$1/32" | awk '{ print $2; exit }'; }

probe_path() {
  local device bytes=$3 state=silent
  device=$(device_of "$1")
  [[ -n $device ]] || return 0
  ((bytes > 0)) || bytes=$(ip -o link show dev "$device" | link_word mtu)
  # 28 bytes are the headers of IP and ICMP.
  if timeout 10 ping -n -q -c 1 -W 2 -I "$1" "$2" >/dev/null 2>&1 \
    || timeout 10 ping -n -q -c 1 -W 2 -I "$1" "$2" >/dev/null 2>&1; then
    state=small
    if timeout 10 ping -n -q -c 2 -W 2 -M 'do' -s $((bytes - 28)) -I "$1" "$2" >/dev/null 2>&1; then state=full; fi
  fi
  row path to "$2" device "$device" bytes "$bytes" state "$state"
}

# Whoever answers ARP is there, whatever it thinks of pings.
probe_free() {
  local route device neighbour state=free mac=''
  route=$(ip -o -4 route get "$1" 2>/dev/null) || route=
  device=$(sed -n 's/.* dev \([^ ]*\) .*/\1/p' <<<"$route")
  if [[ $route == local* ]]; then
    state=own
  elif [[ -z $device || $route == *' via '* ]]; then
    state=no-way
  else
    if timeout 10 ping -n -q -c 2 -W 1 -I "$device" "$1" >/dev/null 2>&1; then state=taken; fi
    neighbour=$(ip -4 neighbour show to "$1" dev "$device")
    mac=$(sed -n 's/.*lladdr \([^ ]*\).*/\1/p' <<<"$neighbour")
    if [[ $neighbour == *REACHABLE* ]]; then state=taken; fi
  fi
  row free address "$1" state "$state" mac "$mac"
}

probe_tcp() {
  local state=closed
  if timeout 5 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null; then state=open; fi
  row tcp address "$1" port "$2" state "$state"
}

# With bridge-nf-call-iptables, packets from port to port of a bridge meet the host's FORWARD chain.
probe_forward() {
  local calls=0 rules policy accepts=yes manager=none bridge
  calls=$(cat /proc/sys/net/bridge/bridge-nf-call-iptables 2>/dev/null) || calls=0
  if [[ $calls != 1 ]]; then
    row forward calls 0 policy '' accepts yes manager none
    return
  fi
  if ! rules=$(as_root timeout 10 iptables -w 5 -S 2>&1); then
    unknown "the host's firewall, which sees bridged packets" "$rules"
    return
  fi
  policy=$(sed -n 's/^-P FORWARD //p' <<<"$rules")
  if ! grep -Eq '^-A (FORWARD|DOCKER-USER) .*--physdev-is-bridged .*-j ACCEPT' <<<"$rules"; then
    for bridge in "${bridges[@]}"; do
      grep -Eq "^-A (FORWARD|DOCKER-USER) -i ${bridge//./[.]} -o ${bridge//./[.]} -j ACCEPT" <<<"$rules" || accepts=no
    done
  fi
  if grep -q '^-N ufw-' <<<"$rules"; then manager=ufw; fi
  if grep -q '^-N DOCKER-USER' <<<"$rules"; then manager=docker; fi
  row forward calls 1 policy "$policy" accepts "$accepts" manager "$manager"
}
