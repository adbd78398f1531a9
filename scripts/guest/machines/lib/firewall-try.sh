# shellcheck shell=bash
# The firewall's rules as mirror-settings.sh tries them: loaded first, and installed for later boots when they stay. It
# sets from, work and tried. Needs firewall.sh.
# shellcheck disable=SC2154  # set there

# refuse_shutting_out: the operator who brings the rules must get in again.
refuse_shutting_out() {
  [[ -n $from && -e $work/firewall ]] || return 0
  admits_ssh "$work/firewall" "$from" || refuse "you come from $from, as this mirror sees it, and its firewall would" \
    "let in ssh from $(operators_in "$work/firewall") alone: you would be shut out. Add $from, or its network, to" \
    "kvm-mirror:ssh.from, which begins with nothing else than what you write there"
}

# change_firewall: loads $work/firewall, or takes the firewall away. 1: nft does not take the rules.
change_firewall() {
  local status=0
  if [[ ! -e $work/firewall ]]; then
    ! firewall_loaded || nft delete table inet kvm_mirror
    return
  fi
  if cmp -s "$work/firewall" "$firewall_rules" && firewall_loaded; then return 0; fi
  "$here/machines/firewall-load.sh" "$work/firewall" </dev/null || status=$?
  case $status in
    0) tried+=(firewall) ;;
    3) say "so this mirror goes on without its firewall, or with the rules that it had" ;;
    *) return 1 ;;
  esac
}

take_back_firewall() {
  [[ " ${tried[*]} " == *' firewall '* ]] || return 0
  if [[ -e $firewall_rules ]]; then
    "$here/machines/firewall-load.sh" </dev/null || say "the rules from before are not loaded, for the reason above"
  else
    nft delete table inet kvm_mirror
  fi
}

# keep_firewall: for later boots, and for firewall-load.sh when a group changes.
keep_firewall() {
  if [[ -e $work/firewall ]]; then
    cmp -s "$work/firewall" "$firewall_rules" || write_durably "$firewall_rules" 0644 <"$work/firewall"
  else
    rm -f "$firewall_rules" "$firewall_trouble"
  fi
}
