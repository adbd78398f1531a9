#!/usr/bin/env bash
# start-client.sh DOMAIN                         (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Starts a domain that is defined here and off. It is on: nothing happens. QEMU connects to its exports at once: they must be
# served and admit this host. Exit codes: 0 it is on, 1 failed, 2 usage, 3 refused: no such domain.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib/say.sh
. "$here/lib/say.sh"
# shellcheck source=lib/domain-disks.sh
. "$here/lib/domain-disks.sh"

[[ $# == 1 && $1 =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ ]] || usage
known_domain_or_refuse "$1"
if is_active "$(domain_state "$1")"; then
  say "$1 is on already"
  exit 0
fi
virsh start "$1" >/dev/null || fail "$1 does not start (libvirt's words are above)"
say "$1 is started"
