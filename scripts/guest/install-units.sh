#!/usr/bin/env bash
# install-units.sh
#
# Installs the systemd units beside this script into /etc/systemd/system, takes tgt out of the packages' hands (it starts
# with the groups, not at installation or boot) and keeps Debian's own NBD service off for good.
# cloud-init has done its work by then, and is told to do nothing at later boots: a mirror that comes back after it was fenced
# is whole the sooner, and no boot depends on the seed any more. What it does at every boot, naming the network interfaces, is
# left to udev, by their MAC addresses. systemd-networkd, where it is in use, is told to leave the VIP alone.
# Units that run are left alone. Safe to run twice. Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib/say.sh
. "$here/lib/say.sh"
# shellcheck source=lib/durable.sh
. "$here/lib/durable.sh"

[[ $# == 0 ]] || usage
system=/etc/systemd/system network=/etc/systemd/network
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
  systemctl disable --quiet --now nbd-server.service || say "nbd-server.service could not be disabled; it is masked all the same"
  ln -sfn /dev/null "$system/nbd-server.service"
  changed=yes
fi
wants=$system/multi-user.target.wants/kvm-mirror-drbd-module.service
if [[ ! -L $wants ]]; then
  mkdir -p "${wants%/*}"
  ln -s "$system/${wants##*/}" "$wants"
  changed=yes
fi
[[ $changed == no ]] || systemctl daemon-reload

# systemd-networkd takes addresses away that it does not know, the VIP among them, when it is restarted (an upgrade of systemd does that).
managed=$(networkctl --no-pager status storage0 2>/dev/null | sed -n 's/^ *Network File: *\(\/.*\)/\1/p' || true)
keep=$network/${managed##*/}.d/kvm-mirror.conf
if [[ -n $managed && ! -e $keep ]]; then
  printf '[Network]\nKeepConfiguration=static\n' | write_durably "$keep" 0644
  networkctl reload
fi

if [[ -d /etc/cloud && ! -e /etc/cloud/cloud-init.disabled ]]; then
  for nic in replication0 storage0 management0; do
    mac=$(ip -br link show dev "$nic" 2>/dev/null | awk '{ print $3 }' || true)
    [[ -n $mac ]] || fail "there is no network interface $nic on this mirror; cloud-init names it (network-config of the seed)"
    printf '[Match]\nMACAddress=%s\n\n[Link]\nName=%s\n' "$mac" "$nic" | write_durably "$network/10-kvm-mirror-$nic.link" 0644
  done
  printf 'The first boot is done; install-units.sh of kvm-mirror made this file. To run cloud-init again: remove it, cloud-init clean --logs --reboot.\n' |
    write_durably /etc/cloud/cloud-init.disabled 0644
fi
