# shellcheck shell=bash
# Who may log in to a mirror by which key, for mirror-settings.sh: it sets user, work and tried.
# shellcheck disable=SC2154  # set there

# check_keys: with no key, or with a damaged one, nobody could log in.
check_keys() {
  [[ -s $work/keys ]] || refuse "the stack file leaves no key that may log in as $user (kvm-mirror:ssh.authorizedKeys)"
  ssh-keygen -l -f "$work/keys" >/dev/null 2>&1 \
    || refuse "ssh-keygen cannot read one of the keys that may log in as $user (kvm-mirror:ssh.authorizedKeys)"
}

# install_keys FILE
install_keys() {
  write_durably "$keys_file" 0600 <"$1"
  chown "$user:" "$keys_file"
}

# change_keys: installs the configured keys, beside the peer's.
change_keys() {
  local home
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
  if diff -q <(sort -u "$work/before") <(sort -u "$work/after") >/dev/null; then return; fi
  install_keys "$work/after"
  tried+=(keys)
}

take_back_keys() { [[ " ${tried[*]} " != *' keys '* ]] || install_keys "$work/before"; }

# tell_keys: who may no longer log in.
tell_keys() {
  local line
  [[ " ${tried[*]} " == *' keys '* ]] || return 0
  while read -r line; do
    say "may no longer log in: ${line:0:40}… ${line##* }"
  done < <(sort "$work/before" | comm -23 - <(sort "$work/after") | grep -v ' kvm-mirror-peer$' || true)
}
