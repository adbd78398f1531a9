# shellcheck shell=bash
# What becomes of the domains when this host shuts down.

# suspends_guests: libvirt-guests is enabled, and saves their memory to disk. It does so unless its file says otherwise.
suspends_guests() {
  local file wish
  [[ -L /etc/systemd/system/multi-user.target.wants/libvirt-guests.service ]] || return 1
  for file in /etc/default/libvirt-guests /etc/sysconfig/libvirt-guests; do
    if [[ -r $file ]]; then
      wish=$(sed -n "s/^[[:space:]]*ON_SHUTDOWN=[\"']\{0,1\}\([a-z]*\).*/\1/p" "$file" | tail -n 1)
    fi
  done
  [[ ${wish:-suspend} == suspend ]]
}
