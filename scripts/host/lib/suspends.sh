# shellcheck shell=bash
# What becomes of the domains when this host shuts down.

# suspends_guests: libvirt-guests runs, and saves their memory to disk (its
# own default where its file does not say otherwise).
suspends_guests() {
  local file wish
  [[ -L /etc/systemd/system/multi-user.target.wants/libvirt-guests.service ]] || return 1
  for file in /etc/default/libvirt-guests /etc/sysconfig/libvirt-guests; do
    if [[ -r $file ]]; then wish=$(sed -n "s/^[[:space:]]*ON_SHUTDOWN=[\"']\{0,1\}\([a-z]*\).*/\1/p" "$file" | tail -n 1); fi
  done
  [[ ${wish:-suspend} == suspend ]]
}
