# shellcheck shell=bash
# The kernel's iSCSI initiator, for a run of `kvm-mirror bench`. As root in a mirror; bench/guestScript.ts puts
# `set -- WORD...` before it:
#   lacks                   prints what this mirror lacks for it; nothing when it can run
#   log_in PORTAL IQN LUN   the disk is there when it ends, as /dev/disk/by-path/ip-PORTAL-iscsi-IQN-lun-LUN
#   log_out                 out of all targets of bench. None there: nothing happens
set -euo pipefail

records() { iscsiadm --mode node 2>/dev/null | awk '$2 ~ /^iqn\.2026-11\.kvm-mirror\.bench:/ { print $2 }'; }

lacks() { command -v iscsiadm >/dev/null || echo "the package open-iscsi"; }

log_in() {
  local began=$SECONDS disk="/dev/disk/by-path/ip-$1-iscsi-$2-lun-$3"
  iscsiadm --mode node --op new --portal "$1" --targetname "$2" >/dev/null
  iscsiadm --mode node --portal "$1" --targetname "$2" --login >/dev/null
  until [[ -b $disk ]]; do
    if ((SECONDS - began > 60)); then
      printf 'bench: there is no disk %s after 60 s\n' "$disk" >&2
      exit 1
    fi
    sleep 0.2
  done
}

log_out() {
  local record
  command -v iscsiadm >/dev/null || return 0
  for record in $(records); do
    iscsiadm --mode node --targetname "$record" --logout >/dev/null 2>&1 || true # it may not be logged in
    iscsiadm --mode node --targetname "$record" --op delete
  done
}

"$@"
