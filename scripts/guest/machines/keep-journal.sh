#!/usr/bin/env bash
# keep-journal.sh
#
# The journal of this mirror outlives a reboot, and takes 300 MB of its OS disk at most: whatever the image says of it,
# `kvm-mirror history` tells of the days before a mirror was turned off.
# Safe to run twice. Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"

[[ $# == 0 ]] || usage
# journald.conf(5). It also leaves 15 % of the file system free (SystemKeepFree).
file=/etc/systemd/journald.conf.d/50-kvm-mirror.conf settings='[Journal]
Storage=persistent
SystemMaxUse=300M'
if [[ $(cat "$file" 2>/dev/null) != "$settings" ]]; then
  write_durably "$file" 0644 <<<"$settings"
  # systemd keeps what services write meanwhile. Then from memory to the disk, where the journal was in memory so far.
  { systemctl restart systemd-journald.service && journalctl --flush; } \
    || say "journald does not take its settings now, for the reason above; it takes them at the next boot"
fi
