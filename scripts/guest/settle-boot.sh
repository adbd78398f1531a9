#!/usr/bin/env bash
# settle-boot.sh
#
# Makes later boots of this mirror depend on the mirror alone:
#   - cloud-init has done its work, and does nothing from the second boot on. A fenced mirror comes back sooner. Naming
#     the network interfaces, which cloud-init does at every boot, is left to udev, by their MAC addresses.
#   - systemd-networkd, where it is in use, leaves alone addresses that it does not know, the VIP among them, when it is
#     restarted. An upgrade of systemd restarts it.
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
    [[ -n $mac ]] || fail "there is no network interface $nic on this mirror. cloud-init names it, by the" \
      "network-config of the seed"
    printf '[Match]\nMACAddress=%s\n\n[Link]\nName=%s\n' "$mac" "$nic" \
      | write_durably "$network/10-kvm-mirror-$nic.link" 0644
  done
  printf '%s: remove it, cloud-init clean --logs --reboot.\n' \
    'The first boot is done; settle-boot.sh of kvm-mirror made this file. To run cloud-init again' \
    | write_durably /etc/cloud/cloud-init.disabled 0644
fi
