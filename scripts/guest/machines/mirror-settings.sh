#!/usr/bin/env bash
# mirror-settings.sh USER [FROM]
#
# Brings a mirror to those settings of the stack file that its first boot (cloud-init) gave it, and to whom it lets in.
# FROM: the address that the operator is connected from. stdin, one a line:
#   key LINE             a public key that may log in as USER. No other may, but the peer's (peer-configure.sh)
#   apt-proxy URL        left out: none
#   verify CALENDAR      when the copies are compared (lib/verify-schedule.sh), as systemd writes it; left out: never
#   interface NAME KEY ADDRESS/PREFIX MTU GATEWAY DNS
#                        `-` where the stack file says nothing. DNS: addresses, comma separated. KEY: where ADDRESS is
#                        configured
#   sshd LINE            sshd's settings (lib/sshd.sh), line by line
#   firewall LINE        the firewall's rules (firewall-load.sh), line by line; none: there is to be no firewall
#   end
# Addresses and the gateway stay as they are: another one than the mirror has is refused, and so is a firewall that
# would shut FROM out. MTU and DNS are set, for later boots, too. Keys, sshd's settings and the firewall are tried
# before they stay: the script prints "changed", and waits for a line "keep" (the operator has logged in anew).
# Anything else, or a connection that breaks, brings the old ones back. It prints "same" when there is nothing to try.
# A mirror on which the firewall cannot be (firewall-load.sh refuses) goes on without one, and `kvm-mirror status` says
# so.
# Safe to run twice. Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/exports/lib/exports.sh"
. "$here/machines/lib/interface.sh"
. "$here/machines/lib/firewall.sh"
. "$here/machines/lib/keys.sh"
. "$here/machines/lib/sshd.sh"
. "$here/machines/lib/firewall-try.sh"
. "$here/lib/at-boot.sh"
. "$here/lib/schedule.sh"
. "$here/machines/lib/verify-schedule.sh"

[[ ($# == 1 || $# == 2 && $2 =~ ^[0-9a-fA-F.:]+$) && $1 =~ ^[a-z_][a-z0-9_-]*$ ]] || usage
user=$1 from=${2:-}
proxy_file=/etc/apt/apt.conf.d/90cloud-init-aptproxy
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# read_document: sets interfaces and proxy; $work/keys, $work/sshd and $work/firewall hold the lines of their kind.
read_document() {
  local line word rest
  interfaces=() proxy='' calendar=
  : >"$work/keys"
  while IFS= read -r line; do
    read -r word rest <<<"$line"
    case $word in
      key) printf '%s\n' "$rest" >>"$work/keys" ;;
      apt-proxy) proxy=$rest ;;
      verify) calendar=$rest ;;
      interface) interfaces+=("$rest") ;;
      sshd | firewall) printf '%s\n' "${line#"$word "}" >>"$work/$word" ;;
      end) return ;;
      *) refuse "the document on stdin has a line '$line'" ;;
    esac
  done
  refuse "the document on stdin is cut short: it does not end with 'end'"
}

set_proxy() {
  if [[ -z $proxy ]]; then
    if [[ -e $proxy_file ]]; then
      rm -f "$proxy_file"
      say "apt uses no proxy from now on"
    fi
  elif [[ $(cat "$proxy_file" 2>/dev/null) != *"\"$proxy\";"* ]]; then
    printf 'Acquire::http::Proxy "%s";\n' "$proxy" | write_durably "$proxy_file" 0644
    say "apt uses the proxy $proxy from now on"
  fi
}

# take_back: what was changed and did not stay.
take_back() {
  take_back_keys
  take_back_sshd
  take_back_firewall
}

read_document
check_keys
problems=()
for one in "${interfaces[@]}"; do
  read -r -a fields <<<"$one"
  ((${#fields[@]} == 6)) || refuse "the document on stdin has a line 'interface $one'; expected six words"
  compare_interface "${fields[@]}"
done
((${#problems[@]} == 0)) || refuse "$(
  IFS=';'
  printf '%s' "${problems[*]}"
)"
refuse_shutting_out
set_proxy
schedule_verify "$calendar"
for one in "${interfaces[@]}"; do
  read -r name _ _ mtu _ dns <<<"$one"
  settle_interface "$name" "$mtu" "$dns"
done
tried=()
change_keys
change_sshd || {
  take_back
  fail "sshd does not take its settings; its error message is above. Nothing of who may log in is changed"
}
change_firewall || {
  take_back
  fail "the firewall is not loaded, for the reason above. Nothing of who may log in is changed"
}
if ((${#tried[@]} == 0)); then
  keep_firewall
  printf 'same\n'
  exit 0
fi
printf 'changed\n' || true
answer=
read -r -t 120 answer || true
if [[ $answer != keep ]]; then
  take_back
  fail "nobody logged in with what is new here (${tried[*]}), so the old is back. Does kvm-mirror:ssh.authorizedKeys" \
    "hold the key that you use, and kvm-mirror:ssh.from the address that you come from?"
fi
tell_keys
keep_firewall
