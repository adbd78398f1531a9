#!/usr/bin/env bash
# libvirt-socket.sh                              (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Prints the path of the socket at which the libvirt daemon answers that runs QEMU here: virtqemud's, or libvirtd's
# (https://libvirt.org/daemons.html).
# Exit codes: 0 done, 1 there is none, 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"

[[ $# == 0 ]] || usage
for socket in /run/libvirt/virtqemud-sock /run/libvirt/libvirt-sock; do
  if [[ -S $socket ]] && virsh -c "qemu+unix:///system?socket=$socket" uri >/dev/null 2>&1; then
    printf '%s\n' "$socket"
    exit 0
  fi
done
fail "no libvirt daemon answers on $(uname -n): neither /run/libvirt/virtqemud-sock nor /run/libvirt/libvirt-sock"
