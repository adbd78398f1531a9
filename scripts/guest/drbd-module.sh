#!/bin/sh
# drbd-module.sh
#
# Loads the DRBD kernel module, at the first boot (cloud-init) and at every later one (kvm-mirror-drbd-module.service).
# Debian's kernel package has it. Ubuntu has it in linux-modules-extra of the very kernel that runs, so a new kernel
# needs its own.
# Exit codes: 0 it is there, 1 failed.
set -eu
export LC_ALL=C
if modinfo drbd >/dev/null 2>&1; then exit 0; fi
# shellcheck source=/dev/null
. /etc/os-release
[ "$ID" = ubuntu ] || {
  echo "drbd-module.sh: the kernel $(uname -r) of $PRETTY_NAME has no module drbd" >&2
  exit 1
}
set -- -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3
apt-get "$@" update
DEBIAN_FRONTEND=noninteractive apt-get "$@" install -y --no-install-recommends "linux-modules-extra-$(uname -r)"
modprobe drbd
# It ran before the module was there.
if systemctl is-enabled --quiet drbd.service; then systemctl restart drbd.service; fi
