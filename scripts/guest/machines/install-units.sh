#!/usr/bin/env bash
# install-units.sh
#
# Installs the systemd units beside this script into /etc/systemd/system. tgt then starts with the groups, not at
# installation or boot. Debian's own NBD service stays off for good. Units that run are left alone.
# Safe to run twice. Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/lib/at-boot.sh"

[[ $# == 0 ]] || usage
system=/etc/systemd/system
changed=no
while read -r unit; do
  cmp -s "$here/systemd/$unit" "$system/$unit" && continue
  install -D -m 0644 "$here/systemd/$unit" "$system/$unit.new"
  mv -T "$system/$unit.new" "$system/$unit"
  changed=yes
done < <(cd "$here/systemd" && find . -type f -printf '%P\n')

# cloud-init (packages.yaml) masked them, so that their packages start nothing before this configuration exists.
if [[ $(readlink "$system/tgt.service" || true) == /dev/null ]]; then
  rm "$system/tgt.service"
  rm -f "$system/multi-user.target.wants/tgt.service"
  changed=yes
fi
if [[ $(readlink "$system/nbd-server.service" || true) != /dev/null ]]; then
  systemctl disable --quiet --now nbd-server.service \
    || say "nbd-server.service could not be disabled. It is masked all the same"
  ln -sfn /dev/null "$system/nbd-server.service"
  changed=yes
fi
# Before there is a network. Without rules (firewall-load.sh) it does nothing.
early=$system/sysinit.target.wants firewall=kvm-mirror-firewall.service
if [[ ! -L $early/$firewall ]]; then
  mkdir -p "$early"
  ln -sfn "$system/$firewall" "$early/$firewall"
  changed=yes
fi
module=kvm-mirror-drbd-module.service
if ! starts_at_boot "$module"; then
  start_at_boot "$module" "$system/$module"
  changed=yes
fi
# On both mirrors, in either failover mode.
watcher=kvm-mirror-watch-writes.service
if ! starts_at_boot "$watcher"; then
  start_at_boot "$watcher" "$system/$watcher"
  changed=yes
fi
[[ $changed == no ]] || systemctl daemon-reload
