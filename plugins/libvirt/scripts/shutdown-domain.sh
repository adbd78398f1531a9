#!/usr/bin/env bash
# Shuts a domain down: asks the guest (by its agent, else by ACPI), again every 10 s, because a guest that is still
# booting does not react; cuts the power when SECONDS have passed. Off or gone already: fine. Prints how it ended: off,
# shutdown or destroyed.
# SAVED says what becomes of a domain whose memory was saved to disk (virsh managedsave, libvirt-guests): refuse,
# because it is not shut down; or drop the memory, where the domain is removed as a whole.
# usage: shutdown-domain NAME SECONDS SAVED(refuse|drop)
set -euo pipefail

name=$1 deadline=$((SECONDS + $2)) ask_at=0

off() {
  local state
  listed "$name" list --all || return 0
  # One that was not persistent may vanish between the two calls.
  if ! state=$(virsh domstate "$name" 2>&1); then
    ! listed "$name" list --all || fail "${state##*error: }"
    return
  fi
  # A guest that crashed keeps its QEMU process; a word that is not known here may stand for one.
  [[ $state = 'shut off' ]]
}

# Its memory holds writes that are not on its disks yet.
refuse_saved() {
  [[ $1 = refuse ]] && listed "$name" list --all || return 0
  [[ $(virsh dominfo "$name" | sed -n 's/^Managed save: *//p') != yes ]] \
    || fail "$name is not shut down but saved to disk, with writes in its memory that are not on its disks yet: virsh" \
      "start $name wakes it, then run again. If it has run elsewhere since, its memory is worthless: virsh" \
      "managedsave-remove $name"
}

if off; then
  refuse_saved "$3"
  printf 'off\n'
  exit
fi
state=$(virsh domstate "$name")
if [[ $state = @(paused|crashed) ]]; then
  say "$name is $state and hears nothing"
  deadline=$SECONDS
fi
while ((SECONDS < deadline)); do
  if ((SECONDS >= ask_at)); then
    status "asks $name to shut down"
    # Without an agent, or with a dead one, libvirt falls back to ACPI. A domain that ended just now is no failure.
    virsh shutdown "$name" >/dev/null 2>&1 || true
    ask_at=$((SECONDS + 10))
  fi
  if off; then
    printf 'shutdown\n'
    exit
  fi
  sleep 0.5
done
status "$name did not shut down in time: cuts its power"
virsh destroy "$name" >/dev/null || off
printf 'destroyed\n'
