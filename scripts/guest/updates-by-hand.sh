#!/usr/bin/env bash
# updates-by-hand.sh
#
# No package of this mirror is upgraded by itself, and no daemon restarted. Otherwise both mirrors would do so in the
# same night: restart corosync, or boot a kernel without DRBD's module. Updates are made one mirror at a time, under
# `kvm-mirror maintain` (docs/runbooks/planned-maintenance.md). apt's timers stay as they are and find nothing to do;
# `unattended-upgrade` typed by hand still works.
# Runs by itself before any package is installed (cloud-init), and from install-tools.sh. Needs no other file.
# Safe to run twice. Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
export LC_ALL=C

# install_text PATH: stdin becomes PATH, whole, by rename.
install_text() {
  mkdir -p "${1%/*}"
  cat >"$1.new"
  sync "$1.new"
  chmod 0644 "$1.new"
  mv -T "$1.new" "$1"
}

[[ $# == 0 ]] || {
  sed -n '2,/^[^#]/{/^#/{s/^# \{0,1\}//;p}}' "$0" >&2
  exit 2
}

# Read last, after those of the packages (20auto-upgrades, 50unattended-upgrades).
install_text /etc/apt/apt.conf.d/99zz-kvm-mirror-updates <<'EOF'
// Written by updates-by-hand.sh of kvm-mirror: mirrors are updated one at a time, under `kvm-mirror maintain`.
APT::Periodic::Enable "0";
APT::Periodic::Unattended-Upgrade "0";
EOF

install_text /etc/needrestart/conf.d/kvm-mirror.conf <<'EOF'
# Written by updates-by-hand.sh of kvm-mirror: these are restarted under `kvm-mirror maintain` alone.
$nrconf{override_rc}{qr(^(corosync|pacemaker|drbd|tgt|nbd-server|kvm-mirror-))} = 0;
1;
EOF
