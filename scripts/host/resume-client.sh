#!/usr/bin/env bash
# resume-client.sh DOMAIN [DEADLINE_S]           (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Resumes a domain that QEMU paused because of an I/O error of its network disks. QEMU repeats the requests that failed;
# the guest notices only the lost time. A first try may find that the connection is not up yet, and pause again. So it
# is repeated until the domain has run for 5 s without a break, within DEADLINE_S (default 90).
# The domain runs already: nothing happens.
# Refuses (3):
#   - no such domain, or it is off;
#   - it was paused for another reason: whoever did that resumes it;
#   - an export that it has open cannot be opened from this host now.
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
[[ $reason == 'I/O error' ]] || refuse "$domain was not paused by an I/O error; the reason is: $reason. Whoever" \
  "paused it resumes it: virsh resume $domain"

disks=$(live_disks "$domain")
while IFS=$'\t' read -r target _ protocol name server _; do
  [[ $protocol == nbd || $protocol == iscsi ]] || continue
  words=$(timeout 20 qemu-img info "$protocol://$server/$name" 2>&1 >/dev/null) \
    || refuse "the disk $target of $domain needs the export $protocol://$server/$name, and it cannot be opened from" \
      "$(uname -n): ${words:-no answer within 20 s}. Bring the export back first: kvm-mirror status shows where it" \
      "should be"
done <<<"$disks"

since=0
while ((SECONDS < deadline)); do
  case $(domain_state "$domain") in
    paused)
      [[ $(pause_reason "$domain") == 'I/O error' ]] \
        || refuse "$domain was paused again for another reason: $(pause_reason "$domain")"
      virsh resume "$domain" >/dev/null || fail "libvirt does not resume $domain; its error message is above"
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
fail "$domain pauses again and again: its disks still return errors. See /var/log/libvirt/qemu/$domain.log on" \
  "$(uname -n)"
