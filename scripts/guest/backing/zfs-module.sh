#!/bin/sh
# zfs-module.sh
#
# Installs ZFS at a mirror's first boot (cloud-init), where the image has none: tools, and a module for the kernel that
# runs. Ubuntu's kernel package has the module. Debian has it in contrib, from which this builds it: that takes minutes,
# and again for each new kernel. Nothing of ZFS's own starts: pool.sh imports the one pool that is this mirror's.
# Exit codes: 0 it is there, 1 failed.
set -eu
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
there() { modinfo zfs >/dev/null 2>&1 && command -v zpool >/dev/null; }
if there; then exit 0; fi
# shellcheck source=/dev/null
. /etc/os-release
apt() { apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@"; }
case $ID in
  ubuntu) set -- zfsutils-linux ;;
  debian)
    # The headers of this kernel, and of those that come.
    set -- "linux-headers-$(uname -r)" "linux-headers-$(uname -r | sed 's/^[0-9.]*-[0-9]*-//')" zfs-dkms zfsutils-linux
    if [ -z "$(apt-cache madison zfs-dkms)" ]; then
      # The very source of the image, with contrib: signed by the same keys.
      sed -i '/^Components:/{/contrib/!s/ main/ main contrib/}' /etc/apt/sources.list.d/*.sources 2>/dev/null || true
      sed -i '/^deb /{/contrib/!s/ main/ main contrib/}' /etc/apt/sources.list 2>/dev/null || true
    fi
    ;;
  *)
    echo "zfs-module.sh: $PRETTY_NAME has no ZFS that this knows of; use an image of Debian or Ubuntu" >&2
    exit 1
    ;;
esac
apt update
apt install -y --no-install-recommends "$@" >/dev/null || {
  echo "zfs-module.sh: ZFS could not be installed; apt's error message is above" >&2
  exit 1
}
there || {
  echo "zfs-module.sh: no module zfs was built for the kernel $(uname -r); see /var/lib/dkms/zfs" >&2
  exit 1
}
