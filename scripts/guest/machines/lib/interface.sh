# shellcheck shell=bash
# A network interface of a mirror: what it has, and what can be changed while it serves.

# compare_interface NAME KEY ADDRESS/PREFIX MTU GATEWAY DNS: adds to `problems` what differs, and cannot be changed
# while a mirror runs.
compare_interface() {
  local name=$1 key=$2 wanted=$3 mtu=$4 gateway=$5 have most first_boot='. A mirror gets it at its first boot.'
  local anew="Put the old value back; or have the mirror made anew with the new one, while the other one serves:"
  anew+=" turn it off, virsh vol-delete its OS disk, pulumi up --refresh"
  anew+=" (its data disks stay; docs/runbooks/replace-a-mirror.md)"
  have=$(ip -4 -o address show dev "$name" 2>/dev/null \
    | awk '{ printf "%s%s", separator, $4; separator = " " }') || true
  if [[ " $have " != *" $wanted "* ]]; then
    problems+=("$key is $wanted in the stack file, and $name of this mirror has ${have:-no address}$first_boot $anew")
  fi
  if [[ $gateway != - ]]; then
    have=$(ip -4 route show default | awk '{
      for (i = 1; i < NF; i++) if ($i == "via") { printf "%s%s", separator, $(i + 1); separator = " " }
    }')
    if [[ " $have " != *" $gateway "* ]]; then
      key=kvm-mirror:networks.${name%0}.gateway
      problems+=("$key is $gateway in the stack file, and this mirror uses ${have:-no gateway}$first_boot $anew")
    fi
  fi
  most=$(ip -d -o link show dev "$name" 2>/dev/null | sed -n 's/.* maxmtu \([0-9]*\).*/\1/p')
  if [[ $mtu != - && -n $most && $most != 0 ]] && ((mtu > most)); then
    key=kvm-mirror:networks.${name%0}.mtu
    anew="kvm-mirror maintain $(uname -n); virsh shutdown $(uname -n), and once it is off virsh start --force-boot "
    anew+="$(uname -n); kvm-mirror maintain $(uname -n) --done"
    have="the virtual network card $name of this mirror takes at most $most until its VM is restarted"
    problems+=("$key is $mtu in the stack file, and $have: $anew; then pulumi up")
  fi
}

# settle_interface NAME MTU DNS: `-` for what stays as it is.
settle_interface() {
  local name=$1 mtu=$2 dns=${3//,/ } kept=''
  if [[ $mtu != - && $(<"/sys/class/net/$name/mtu") != "$mtu" ]]; then
    ip link set dev "$name" mtu "$mtu" || fail "$name does not take the MTU $mtu; ip's error message is above"
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
  if by_resolved; then
    resolvectl dns "$1" | sed 's/^[^:]*: *//'
  else
    awk '$1 == "nameserver" { printf "%s%s", separator, $2; separator = " " }' /etc/resolv.conf 2>/dev/null || true
  fi
}

# set_name_servers NAME ADDRESSES
set_name_servers() {
  local address addresses others
  read -r -a addresses <<<"$2"
  if by_resolved; then
    resolvectl dns "$1" "${addresses[@]}"
  else
    others=$(grep -v '^nameserver' /etc/resolv.conf 2>/dev/null || true)
    # Overwritten, not renamed: it may be a link.
    {
      for address in "${addresses[@]}"; do printf 'nameserver %s\n' "$address"; done
      [[ -z $others ]] || printf '%s\n' "$others"
    } >/etc/resolv.conf
  fi
}

# drop_in_of NAME FILE: path of such a file for the configuration by which systemd-networkd manages an interface; empty
# where it does not.
drop_in_of() {
  local file
  file=$(networkctl --no-pager status "$1" 2>/dev/null | sed -n 's/^ *Network File: *\(\/.*\)/\1/p' || true)
  [[ -z $file ]] || printf '/etc/systemd/network/%s.d/%s\n' "${file##*/}" "$2"
}

# keep_for_later_boots NAME MTU DNS: beside the file that cloud-init made, for systemd-networkd. Nothing is restarted,
# so the VIP stays.
keep_for_later_boots() {
  local file address
  file=$(drop_in_of "$1" kvm-mirror-settings.conf)
  [[ -n $file ]] || {
    say "systemd-networkd does not manage $1. Write its MTU and name servers into this mirror's own network" \
      "configuration: a reboot loses them otherwise"
    return
  }
  {
    printf '# Written by mirror-settings.sh of kvm-mirror.\n'
    [[ $2 == - ]] || printf '[Link]\nMTUBytes=%s\n' "$2"
    if [[ $3 != - ]]; then
      printf '[Network]\nDNS=\n'
      for address in $3; do printf 'DNS=%s\n' "$address"; done
    fi
  } | write_durably "$file" 0644
}
