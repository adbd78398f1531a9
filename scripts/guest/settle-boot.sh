#!/usr/bin/env bash
# settle-boot.sh
#
# Makes later boots of this mirror depend on the mirror alone. cloud-init
# has done its work by now, and is told to do nothing
# from the second boot on: a mirror that comes back after it was fenced is
# whole the sooner. What it does at every boot, naming
# the network interfaces, is left to udev, by their MAC addresses.
# systemd-networkd, where it is in use, is told to leave
# addresses alone that it does not know, the VIP among them, when it is restarted (an upgrade of systemd does that).
# Safe to run twice. Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"

[[ $# == 0 ]] || usage
network=/etc/systemd/network

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
  printf 'The first boot is done; settle-boot.sh of kvm-mirror made this file. To run cloud-init again: remove it, cloud-init clean --logs --reboot.\n' \
    | write_durably /etc/cloud/cloud-init.disabled 0644
fi
