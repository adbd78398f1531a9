#!/usr/bin/env bash
# settle-boot.sh
#
# Makes later boots of this mirror depend on the mirror alone:
#   - cloud-init has done its work, and does nothing from the second boot on. A fenced mirror comes back sooner. Naming
#     the network interfaces, which cloud-init does at every boot, is left to udev, by their MAC addresses.
#   - systemd-networkd, where it is in use, leaves alone addresses that it does not know, the VIP among them, when it is
#     restarted. An upgrade of systemd restarts it.
#   - An interface has its addresses without a carrier, too, and boot does not wait for one: without its address drbdadm
#     brings no volume up ("IP … not found on this host"), and a mirror that boots with a dead cable would stay down.
# A mirror that has volumes takes changes of the last two at its next boot: they would take addresses away for a moment.
# Safe to run twice. Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/machines/lib/interface.sh"

[[ $# == 0 ]] || usage
nics=(replication0 storage0 management0)
settings='[Link]
RequiredForOnline=no-carrier
[Network]
ConfigureWithoutCarrier=yes
IgnoreCarrierLoss=yes
KeepConfiguration=static'

changed=no
for nic in "${nics[@]}"; do
  file=$(drop_in_of "$nic" kvm-mirror.conf)
  if [[ -n $file && $(cat "$file" 2>/dev/null) != "$settings" ]]; then
    write_durably "$file" 0644 <<<"$settings"
    changed=yes
  fi
done
if [[ $changed == yes && -z $(compgen -G '/etc/drbd.d/*.res') ]]; then networkctl reload; fi

if [[ -d /etc/cloud && ! -e /etc/cloud/cloud-init.disabled ]]; then
  for nic in "${nics[@]}"; do
    mac=$(ip -br link show dev "$nic" 2>/dev/null | awk '{ print $3 }' || true)
    [[ -n $mac ]] || fail "there is no network interface $nic on this mirror. cloud-init names it, by the" \
      "network-config of the seed"
    printf '[Match]\nMACAddress=%s\n\n[Link]\nName=%s\n' "$mac" "$nic" \
      | write_durably "/etc/systemd/network/10-kvm-mirror-$nic.link" 0644
  done
  printf '%s: remove it, cloud-init clean --logs --reboot.\n' \
    'The first boot is done; settle-boot.sh of kvm-mirror made this file. To run cloud-init again' \
    | write_durably /etc/cloud/cloud-init.disabled 0644
fi
