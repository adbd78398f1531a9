# shellcheck shell=bash
# A network interface of a mirror: what it has, and what can be changed while it serves.

# compare_interface NAME KEY ADDRESS/PREFIX MTU GATEWAY DNS: adds to
# `problems` what differs and stays as it is while a mirror runs.
compare_interface() {
  local name=$1 key=$2 wanted=$3 mtu=$4 gateway=$5 have most
  local anew="give it at a first boot: put the old value back; or have the mirror made anew with the new one, while the other one serves: turn it off, virsh vol-delete its OS disk, pulumi up --refresh (its data disks stay; docs/runbooks/replace-a-mirror.md)"
  have=$(ip -4 -o address show dev "$name" 2>/dev/null | awk '{ printf "%s%s", separator, $4; separator = " " }') || true
  if [[ " $have " != *" $wanted "* ]]; then
    problems+=("$key is $wanted in the stack file, and $name of this mirror has ${have:-no address}; a mirror takes its addresses from its first boot: $anew")
  fi
  if [[ $gateway != - ]]; then
    have=$(ip -4 route show default | awk '{ for (i = 1; i < NF; i++) if ($i == "via") { printf "%s%s", separator, $(i + 1); separator = " " } }')
    [[ " $have " == *" $gateway "* ]] \
      || problems+=("kvm-mirror:networks.${name%0}.gateway is $gateway in the stack file, and this mirror goes by ${have:-no gateway}; a mirror takes it from its first boot: $anew")
  fi
  most=$(ip -d -o link show dev "$name" 2>/dev/null | sed -n 's/.* maxmtu \([0-9]*\).*/\1/p')
  if [[ $mtu != - && -n $most && $most != 0 ]] && ((mtu > most)); then
    problems+=("kvm-mirror:networks.${name%0}.mtu is $mtu in the stack file, and the virtual network card $name of this mirror takes at most $most until its VM is started anew: kvm-mirror maintain $(uname -n), virsh shutdown and virsh start it, kvm-mirror maintain $(uname -n) --done, then pulumi up")
  fi
}

# settle_interface NAME MTU DNS: `-` for what stays as it is.
settle_interface() {
  local name=$1 mtu=$2 dns=${3//,/ } kept=''
  if [[ $mtu != - && $(<"/sys/class/net/$name/mtu") != "$mtu" ]]; then
    ip link set dev "$name" mtu "$mtu" || fail "$name does not take the MTU $mtu (ip's words are above)"
    say "$name has an MTU of $mtu now"
    kept=yes
  fi
  if [[ $dns != - && $(name_servers "$name") != "$dns" ]]; then
    set_name_servers "$name" "$dns"
    say "name servers at $name: $dns"
    kept=yes
  fi
  [[ -z $kept ]] || keep_for_later_boots "$name" "$mtu" "$dns"
}

by_resolved() { command -v resolvectl >/dev/null && systemctl is-active --quiet systemd-resolved.service; }

# name_servers NAME: addresses, separated by blanks.
name_servers() {
  if by_resolved; then resolvectl dns "$1" | sed 's/^[^:]*: *//'; else awk '$1 == "nameserver" { printf "%s%s", separator, $2; separator = " " }' /etc/resolv.conf 2>/dev/null || true; fi
}

# set_name_servers NAME ADDRESSES
set_name_servers() {
  local address addresses others
  read -r -a addresses <<<"$2"
  if by_resolved; then
    resolvectl dns "$1" "${addresses[@]}"
  else
    others=$(grep -v '^nameserver' /etc/resolv.conf 2>/dev/null || true)
    # Written over, not renamed: it may be a link.
    {
      for address in "${addresses[@]}"; do printf 'nameserver %s\n' "$address"; done
      [[ -z $others ]] || printf '%s\n' "$others"
    } >/etc/resolv.conf
  fi
}

# keep_for_later_boots NAME MTU DNS: beside the file that cloud-init made, for
# systemd-networkd; nothing is restarted, so that the VIP stays.
keep_for_later_boots() {
  local file address
  file=$(networkctl --no-pager status "$1" 2>/dev/null | sed -n 's/^ *Network File: *\(\/.*\)/\1/p' || true)
  [[ -n $file ]] || {
    say "systemd-networkd does not manage $1: write its MTU and name servers into this mirror's own network configuration, or they are gone after a reboot"
    return
  }
  {
    printf '# Written by mirror-settings.sh of kvm-mirror.\n'
    [[ $2 == - ]] || printf '[Link]\nMTUBytes=%s\n' "$2"
    if [[ $3 != - ]]; then
      printf '[Network]\nDNS=\n'
      for address in $3; do printf 'DNS=%s\n' "$address"; done
    fi
  } | write_durably "/etc/systemd/network/${file##*/}.d/kvm-mirror-settings.conf" 0644
}
