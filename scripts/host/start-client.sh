#!/usr/bin/env bash
# start-client.sh DOMAIN                         (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Starts a domain that is defined here and off. It is on: nothing happens.
# QEMU connects to its exports at once: they must be
# served and admit this host. Exit codes: 0 it is on, 1 failed, 2 usage, 3 refused: no such domain.
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
      fail "the memory of $1 was saved to disk here; its disks may have been written from another host since, and waking it would spoil them. If it ran nowhere else since then: virsh start $1. If it did: virsh managedsave-remove $1, and repeat"
    fi
    ;;
  running | idle | paused | pmsuspended)
    say "$1 is on already"
    exit 0
    ;;
  *) fail "$1 is neither on nor off: its state is '$state'$([[ $state != crashed ]] || printf ': its guest crashed; virsh destroy %s, then start it' "$1"). Look at it (virsh domstate --reason $1), and repeat" ;;
esac
virsh start "$1" >/dev/null || fail "$1 does not start (libvirt's words are above)"
say "$1 is started"
