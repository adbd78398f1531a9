#!/usr/bin/env bash
# Runs in the image's root (chroot), before customize.sh: builds ZFS for the image's kernel, by Debian's zfs-dkms, and
# keeps its modules and tools. What built them goes again: an emulated guest would unpack it at each update.
# Takes about 10 minutes. Needs contrib among the package sources.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
readonly kept=/tmp/zfs-modules

kernel=$(basename "$(find /lib/modules -mindepth 1 -maxdepth 1 -type d)")
before=$(dpkg-query --show --showformat '${Package}\n' | sort)
# dkms would build for the kernel that runs, which is this machine's.
apt-get install --yes --quiet --no-install-recommends "linux-headers-$kernel" dkms gcc make
apt-get install --yes --quiet --no-install-recommends zfs-dkms zfsutils-linux
version=$(dpkg-query --show --showformat '${source:Upstream-Version}' zfs-dkms)
if ! dkms status -m zfs -v "$version" -k "$kernel" | grep -q installed; then
  dkms install -m zfs -v "$version" -k "$kernel"
fi
mkdir -p "$kept"
find "/lib/modules/$kernel" -path '*/updates/*' -name '*.ko*' -exec cp -t "$kept" {} +
[[ -n $(find "$kept" -name 'zfs.ko*') ]] || {
  echo "zfs.sh: dkms built no zfs.ko for $kernel" >&2
  exit 1
}

apt-mark manual zfsutils-linux >/dev/null
mapfile -t builders < <(dpkg-query --show --showformat '${Package}\n' | sort | comm -13 <(printf '%s\n' "$before") - \
  | grep -Ex 'zfs-dkms|dkms|gcc.*|cpp.*|make|linux-headers.*|linux-kbuild.*|linux-compiler.*|libc6-dev|binutils.*')
apt-get purge --yes --quiet "${builders[@]}"
apt-get autoremove --purge --yes --quiet
mkdir -p "/lib/modules/$kernel/updates"
mv "$kept"/* "/lib/modules/$kernel/updates/"
rmdir "$kept"
depmod "$kernel"
modinfo -k "$kernel" zfs >/dev/null
apt-get clean

# Rigs start them; a mirror's boot is what it is elsewhere.
systemctl disable --quiet glusterd.service open-iscsi.service iscsid.socket zfs-import-cache.service zfs-mount.service \
  zfs-share.service zfs-volume-wait.service zfs-import.target zfs-volumes.target zfs.target
