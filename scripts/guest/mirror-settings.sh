#!/usr/bin/env bash
# mirror-settings.sh USER
#
# Brings a mirror to those settings of the stack file that its first boot (cloud-init) gave it. stdin, one a line:
#   key LINE             a public key that may log in as USER. No other may, but the peer's (peer-configure.sh)
#   apt-proxy URL        left out: none
#   interface NAME KEY ADDRESS/PREFIX MTU GATEWAY DNS
#                        `-` where the stack file says nothing. DNS: addresses, comma separated. KEY: where ADDRESS is
#                        configured
#   end
# Addresses and the gateway stay as they are: another one than the mirror has is refused. MTU and DNS are set, for later
# boots, too. Keys are tried before they stay: the script prints "changed", and waits for a line "keep" (the operator
# has logged in anew). Anything else, or a connection that breaks, brings the old ones back. It prints "same" when there
# is nothing to try.
# Safe to run twice. Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/interface.sh"

[[ $# == 1 && $1 =~ ^[a-z_][a-z0-9_-]*$ ]] || usage
user=$1
proxy_file=/etc/apt/apt.conf.d/90cloud-init-aptproxy
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# read_document: sets interfaces and proxy; $work/keys holds the keys.
read_document() {
  local word rest
  interfaces=() proxy=
  : >"$work/keys"
  while read -r word rest; do
    case $word in
      key) printf '%s\n' "$rest" >>"$work/keys" ;;
      apt-proxy) proxy=$rest ;;
      interface) interfaces+=("$rest") ;;
      end) return ;;
      *) refuse "the document on stdin has a line '$word $rest'" ;;
    esac
  done
  refuse "the document on stdin is cut short: it does not end with 'end'"
}

# check_keys: with no key, or with a damaged one, nobody could log in.
check_keys() {
  [[ -s $work/keys ]] || refuse "the stack file leaves no key that may log in as $user (kvm-mirror:ssh.authorizedKeys)"
  ssh-keygen -l -f "$work/keys" >/dev/null 2>&1 \
    || refuse "ssh-keygen cannot read one of the keys that may log in as $user (kvm-mirror:ssh.authorizedKeys)"
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

# install_keys FILE
install_keys() {
  write_durably "$keys_file" 0600 <"$1"
  chown "$user:" "$keys_file"
}

# settle_keys: installs the configured keys, and has them tried before they stay.
settle_keys() {
  local home answer='' line
  home=$(getent passwd "$user" | cut -d: -f6) || true
  [[ -n $home ]] || refuse "there is no user $user on this mirror. kvm-mirror:ssh.user is set at the first boot only." \
    "Put the old name back"
  install -d -m 0700 -o "$user" -g "$(id -gn "$user")" "$home/.ssh"
  keys_file=$home/.ssh/authorized_keys
  touch "$keys_file"
  cp "$keys_file" "$work/before"
  {
    cat "$work/keys"
    grep ' kvm-mirror-peer$' "$work/before" || true
  } >"$work/after"
  if diff -q <(sort -u "$work/before") <(sort -u "$work/after") >/dev/null; then
    printf 'same\n'
    return
  fi
  install_keys "$work/after"
  printf 'changed\n' || true
  read -r -t 120 answer || true
  if [[ $answer == keep ]]; then
    while read -r line; do
      say "may no longer log in: ${line:0:40}… ${line##* }"
    done < <(sort "$work/before" | comm -23 - <(sort "$work/after") | grep -v ' kvm-mirror-peer$' || true)
    return
  fi
  install_keys "$work/before"
  fail "nobody logged in with the new keys, so the old ones are back. Does kvm-mirror:ssh.authorizedKeys hold the key" \
    "that you use?"
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
set_proxy
for one in "${interfaces[@]}"; do
  read -r name _ _ mtu _ dns <<<"$one"
  settle_interface "$name" "$mtu" "$dns"
done
settle_keys
