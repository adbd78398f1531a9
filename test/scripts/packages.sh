#!/usr/bin/env bash
# Debian packages for the tests of the scripts: what the scripts call on mirrors, and real clients for their servers.
# Installed without starting a service. Nothing happens when all are there.
set -euo pipefail
packages=(drbd-utils nbd-server tgt iputils-arping psmisc openssh-server curl python3-minimal fdisk lvm2 xfsprogs libiscsi-bin qemu-utils qemu-block-extra)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
((${#missing[@]})) || exit 0
echo "test/scripts: installing ${missing[*]}" >&2
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 0755 "$policy"
fi
apt-get -qq update >&2
DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "${missing[@]}" >&2
