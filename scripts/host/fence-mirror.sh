#!/usr/bin/env bash
# fence-mirror.sh MIRROR                         (on its KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Turns a mirror off, hard, and sees that it is off: after this, and only after this, the other mirror may be promoted.
# Off already: nothing happens. Its memory, where it was saved on disk
# (virsh managedsave), is removed: it would wake as the
# primary that it was. It stays off until somebody starts it.
# Exit codes: 0 it is off, 1 it is not known to be off, 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/destroy.sh"

[[ $# == 1 && $1 =~ ^[A-Za-z0-9][A-Za-z0-9_-]*$ ]] || usage
mirror=$1
# state: the first line of what virsh says. Not by `head`, which may end before virsh has said all, and make it fail.
state() {
  local words status=0
  words=$(timeout 20 virsh domstate "$mirror" 2>&1) || status=$?
  printf '%s\n' "${words%%$'\n'*}"
  return "$status"
}

# without_memory: no start can wake it as what it was; said before it counts as off.
without_memory() {
  local words
  words=$(forget_memory "$mirror") || fail "$mirror is off, but could wake as the primary that it was: $words. virsh managedsave-remove $mirror removes its saved memory; then repeat"
  [[ -z $words ]] || say "$words"
}

seen=$(state) || fail "libvirt does not say whether $mirror is on: $seen"
if [[ $seen == 'shut off' ]]; then
  without_memory
  say "$mirror is off already"
  exit 0
fi
said=$(destroy_domain "$mirror" 2>&1) || say "virsh destroy $mirror: $said"
for _ in $(seq 40); do
  seen=$(state) || true
  if [[ $seen == 'shut off' ]]; then
    without_memory
    say "$mirror is off now"
    exit 0
  fi
  sleep 0.5
done
fail "$mirror is not off 20 s after virsh destroy: $seen"
