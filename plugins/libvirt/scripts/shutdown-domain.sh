#!/usr/bin/env bash
# Shuts a domain down: asks the guest (by its agent, else by ACPI), again every 10 s, since a guest that still boots does not hear; cuts the power when SECONDS
# have passed. Off or gone already: fine. Prints how it ended: off, shutdown or destroyed.
# usage: shutdown-domain NAME SECONDS
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
  [[ $state = @('shut off'|crashed) ]]
}

if off; then printf 'off\n'; exit; fi
state=$(virsh domstate "$name")
if [[ $state = paused ]]; then
  say "$name is paused and hears nothing"
  deadline=$SECONDS
fi
while ((SECONDS < deadline)); do
  if ((SECONDS >= ask_at)); then
    status "asks $name to shut down"
    # Without an agent, or with a dead one, libvirt falls back to ACPI. A domain that ended just now is no failure.
    virsh shutdown "$name" >/dev/null 2>&1 || true
    ask_at=$((SECONDS + 10))
  fi
  if off; then printf 'shutdown\n'; exit; fi
  sleep 0.5
done
status "$name did not shut down in time: cuts its power"
virsh destroy "$name" >/dev/null || off
printf 'destroyed\n'
