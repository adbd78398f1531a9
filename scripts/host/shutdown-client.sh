#!/usr/bin/env bash
# shutdown-client.sh DOMAIN [DEADLINE_S]         (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Asks a domain's guest to shut down, again every 10 s, and waits until
# it is off, at most DEADLINE_S (300 if not given).
# Never cuts its power: what the guest has not written yet would be lost. Off already, or unknown here: nothing happens.
# Refuses (3): a paused domain, which hears nothing (resume-client.sh).
# Refuses, too, one whose memory is saved to disk: it is not shut down.
# A guest that crashed (panic) hears nothing either; while libvirt does not say its state, it counts as one that runs.
# Exit codes: 0 off, 1 it did not shut down in time and runs on, 2 usage, 3 refused.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/domain-disks.sh"

[[ ($# == 1 || ($# == 2 && $2 =~ ^[1-9][0-9]*$)) && $1 =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ ]] || usage
domain=$1 seconds=${2:-300}
known=$(virsh list --all --name) || fail "libvirt does not answer (its words are above)"
if ! grep -qxF -- "$domain" <<<"$known"; then
  say "there is no domain $domain here"
  exit 0
fi

end=$((SECONDS + seconds)) ask_at=$SECONDS
while
  state=$(domain_state "$domain")
  is_active "$state"
do
  [[ $state != paused ]] || refuse "$domain is paused ($(pause_reason "$domain")) and cannot shut down: resume it first"
  [[ $state != crashed ]] || refuse "the guest of $domain has crashed and cannot shut down; its QEMU process is still there. virsh destroy $domain ends it: nothing more will be written"
  if [[ $state == unknown ]] && ((SECONDS >= end)); then
    fail "libvirt has not said for $seconds s whether $domain is off (virsh domstate $domain): it counts as one that runs"
  fi
  ((SECONDS < end)) || fail "$domain did not shut down within $seconds s and runs on; see what holds it, shut it down from inside, and try again"
  if ((SECONDS >= ask_at)); then
    # Without an agent, or with a dead one, libvirt falls back to ACPI. One that ended just now is no failure.
    virsh shutdown "$domain" >/dev/null 2>&1 || true
    ask_at=$((SECONDS + 10))
  fi
  sleep 0.5
done
if [[ $state != undefined ]] && memory_saved "$domain"; then
  refuse "$domain is not shut down but saved to disk: its memory holds writes that are not on its disks yet. virsh start $domain wakes it; then repeat. If it has run elsewhere since, its memory is worthless: virsh managedsave-remove $domain"
fi
say "$domain is off"
