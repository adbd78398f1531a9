#!/usr/bin/env bash
# start-client.sh DOMAIN                         (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Starts a domain that is defined here and off. It is on already: nothing happens. QEMU connects to its exports at once:
# they must be served, and must admit this host.
# Exit codes: 0 it is on, 1 failed, 2 usage, 3 refused: no such domain.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/domain-disks.sh"

[[ $# == 1 && $1 =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ ]] || usage
known_domain_or_refuse "$1"
state=$(domain_state "$1")
case $state in
  'shut off')
    if memory_saved "$1"; then
      fail "the memory of $1 was saved to disk here. If $1 ran on another host since, waking it would corrupt its" \
        "disks. If it ran nowhere else: virsh start $1. If it did: virsh managedsave-remove $1, and repeat"
    fi
    ;;
  running | idle | paused | pmsuspended)
    say "$1 is on already"
    exit 0
    ;;
  crashed) fail "the guest of $1 has crashed. End its QEMU process, and repeat: virsh destroy $1" ;;
  *) fail "$1 is neither on nor off: its state is '$state'. Look at it, and repeat: virsh domstate --reason $1" ;;
esac
virsh start "$1" >/dev/null || fail "$1 does not start; libvirt's error message is above"
say "$1 is started"
