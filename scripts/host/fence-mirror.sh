#!/usr/bin/env bash
# fence-mirror.sh MIRROR                         (on its KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Turns a mirror off, hard, and sees that it is off: after this, and only after this, the other mirror may be promoted.
# Off already: nothing happens. It stays off until somebody starts it.
# Exit codes: 0 it is off, 1 it is not known to be off, 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib/say.sh
. "$here/lib/say.sh"

[[ $# == 1 && $1 =~ ^[A-Za-z0-9][A-Za-z0-9_-]*$ ]] || usage
mirror=$1
state() { LC_ALL=C timeout 20 virsh domstate "$mirror" 2>&1 | head -n 1; }

seen=$(state) || fail "libvirt does not say whether $mirror is on: $seen"
if [[ $seen == 'shut off' ]]; then
  say "$mirror is off already"
  exit 0
fi
said=$(timeout 30 virsh destroy "$mirror" 2>&1) || say "virsh destroy $mirror: $said"
for _ in $(seq 40); do
  seen=$(state) || true
  if [[ $seen == 'shut off' ]]; then
    say "$mirror is off now"
    exit 0
  fi
  sleep 0.5
done
fail "$mirror is not off 20 s after virsh destroy: $seen"
