#!/usr/bin/env bash
# shutdown-client.sh DOMAIN [DEADLINE_S]         (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Asks a domain's guest to shut down, again every 10 s, and waits until it is off, at most DEADLINE_S (default 300). It
# never cuts the power: what the guest has not written yet would be lost. Off already, or unknown here: nothing happens.
# While libvirt does not say the domain's state, the domain counts as running.
# Refuses (3): a domain that is paused, or whose guest crashed: it does not hear the request (resume-client.sh); one
# that is saved to disk: it is not shut down.
# Exit codes: 0 off, 1 it did not shut down in time and runs on, 2 usage, 3 refused.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/domain-disks.sh"

[[ ($# == 1 || ($# == 2 && $2 =~ ^[1-9][0-9]*$)) && $1 =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ ]] || usage
domain=$1 seconds=${2:-300}
known=$(virsh list --all --name) || fail "libvirt does not answer; its error message is above"
if ! grep -qxF -- "$domain" <<<"$known"; then
  say "there is no domain $domain here"
  exit 0
fi

end=$((SECONDS + seconds)) ask_at=$SECONDS
while
  state=$(domain_state "$domain")
  is_active "$state"
do
  [[ $state != paused ]] || refuse "$domain is paused ($(pause_reason "$domain")) and cannot shut down. Resume it first"
  [[ $state != crashed ]] || refuse "the guest of $domain has crashed and cannot shut down. Its QEMU process is still" \
    "there, and will write nothing more. End it: virsh destroy $domain"
  if [[ $state == unknown ]] && ((SECONDS >= end)); then
    fail "libvirt has not said for $seconds s whether $domain is off. It counts as running. Look: virsh domstate" \
      "$domain"
  fi
  ((SECONDS < end)) || fail "$domain did not shut down within $seconds s and runs on. See what holds it up, shut it" \
    "down from inside, and try again"
  if ((SECONDS >= ask_at)); then
    # Without an agent, or with a dead one, libvirt falls back to ACPI. One that ended just now is no failure.
    virsh shutdown "$domain" >/dev/null 2>&1 || true
    ask_at=$((SECONDS + 10))
  fi
  sleep 0.5
done
if [[ $state != undefined ]] && memory_saved "$domain"; then
  refuse "$domain is not shut down but saved to disk: its memory holds writes that are not on its disks yet. Wake it," \
    "and repeat: virsh start $domain. If it has run elsewhere since, discard its memory: virsh managedsave-remove" \
    "$domain"
fi
say "$domain is off"
