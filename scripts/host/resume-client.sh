#!/usr/bin/env bash
# resume-client.sh DOMAIN [DEADLINE_S]           (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Lets a domain go on that was paused because of an I/O error of its
# network disks: QEMU repeats the requests that failed, the
# guest notices nothing but the time. A first try may meet a connection that is not made anew yet and pause again: it is
# repeated until the domain has run for 5 s on end, within DEADLINE_S
# (90 if not given). It runs already: nothing happens.
# Refuses (3): no such domain; it is off; it was paused for another
# reason (whoever did that resumes it); an export that it
# has open cannot be opened from this host now.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/domain-disks.sh"
. "$here/lib/monitor.sh"

[[ ($# == 1 || ($# == 2 && $2 =~ ^[1-9][0-9]*$)) && $1 =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ ]] || usage
domain=$1 deadline=$((SECONDS + ${2:-90}))
known_domain_or_refuse "$domain"

state=$(domain_state "$domain")
if [[ $state == running || $state == idle ]]; then
  say "$domain is running: nothing to resume"
  exit 0
fi
[[ $state == paused ]] || refuse "$domain is $state, not paused"
reason=$(pause_reason "$domain")
[[ $reason == 'I/O error' ]] || refuse "$domain was not paused by an I/O error but for another reason ($reason): whoever did that resumes it, with virsh resume $domain"

disks=$(live_disks "$domain")
while IFS=$'\t' read -r target _ protocol name server _; do
  [[ $protocol == nbd || $protocol == iscsi ]] || continue
  words=$(timeout 20 qemu-img info "$protocol://$server/$name" 2>&1 >/dev/null) \
    || refuse "the export of $target of $domain, $protocol://$server/$name, cannot be opened from $(uname -n): ${words:-no answer within 20 s}. Bring it back first (kvm-mirror status says where it should be)"
done <<<"$disks"

since=0
while ((SECONDS < deadline)); do
  case $(domain_state "$domain") in
    paused)
      [[ $(pause_reason "$domain") == 'I/O error' ]] || refuse "$domain has been paused by somebody else meanwhile ($(pause_reason "$domain"))"
      virsh resume "$domain" >/dev/null || fail "libvirt does not resume $domain (its words are above)"
      since=$SECONDS
      ;;
    running | idle)
      if ((SECONDS - since >= 5)); then
        say "$domain runs again"
        exit 0
      fi
      ;;
    *) fail "$domain is $(domain_state "$domain") now" ;;
  esac
  sleep 0.5
done
fail "$domain pauses again and again: its disks still fail. See /var/log/libvirt/qemu/$domain.log on $(uname -n)"
