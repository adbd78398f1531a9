#!/usr/bin/env bash
# fence-mirror.sh MIRROR                         (on its KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Turns a mirror off, hard, and sees that it is off. Only after this may the other mirror be promoted. One that was
# migrated to another KVM host (lib/power.sh) is not known to be off. If its memory was saved on disk (virsh
# managedsave), that is removed: a start would restore the primary that it was. The mirror stays off until somebody
# starts it. Off already: nothing happens.
# Exit codes: 0 it is off, 1 it is not known to be off, 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/destroy.sh"
. "$here/lib/power.sh"

[[ $# == 1 && $1 =~ ^[A-Za-z0-9][A-Za-z0-9_-]*$ ]] || usage
mirror=$1

# without_memory: removes its saved memory, before it counts as off: no start can restore what it was.
without_memory() {
  local words
  words=$(forget_memory "$mirror") || fail "$mirror is off, but a start could restore it as the primary that it was:" \
    "$words. Remove its saved memory: virsh managedsave-remove $mirror; then repeat"
  [[ -z $words ]] || say "$words"
}

seen=$(power "$mirror") || fail "libvirt does not say whether $mirror is on: $seen"
if [[ $seen == moved ]]; then fail "$(moved_words "$mirror")"; fi
if [[ $seen == off ]]; then
  without_memory
  say "$mirror is off already"
  exit 0
fi
said=$(destroy_domain "$mirror" 2>&1) || say "virsh destroy $mirror: $said"
for _ in $(seq 40); do
  seen=$(power "$mirror") || true
  if [[ $seen == off ]]; then
    without_memory
    say "$mirror is off now"
    exit 0
  fi
  sleep 0.5
done
fail "$mirror is not off 20 s after virsh destroy: $(virsh domstate "$mirror" 2>&1 | tr '\n' ' ')"
