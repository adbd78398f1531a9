#!/usr/bin/env bash
# client-state.sh DOMAIN...                      (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# The named domains of this host and their network disks, as JSON on stdout:
#   {"host": host name, "suspends": whether its domains are saved to disk when it shuts down (libvirt-guests),
#    "hook": whether libvirt calls ours: called, waits, old or absent (lib/permits.sh),
#    "domains": [{"name",
#                 "permit": whether it may start here: here, elsewhere, none or unreadable,
#                 "state": libvirt's word; "undefined"; "saved" when it is off with its memory on disk; "unknown",
#                 "reason": why it is paused, else "",
#                 "disks": [{"target", "source": NBD export name or IQN/LUN, "protocol"}]}],
#    "pools": [{"name", "free": bytes, "promised": bytes that our disks in it may still take}]}
# The disks are those of the running domain, or of the definition when it is off.
# Exit codes: 0 done, 1 libvirt does not answer, 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/domain-disks.sh"
. "$here/lib/as-root.sh"
. "$here/lib/permits.sh"
. "$here/lib/suspends.sh"
. "$here/lib/monitor.sh"
. "$here/lib/pool-space.sh"

for domain in "$@"; do [[ $domain =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ ]] || usage; done
known=$(virsh list --all --name) || fail "libvirt does not answer; its error message is above"

separator=
printf '{"host":"%s","suspends":%s,"hook":"%s","domains":[' "$(uname -n)" \
  "$(if suspends_guests; then echo true; else echo false; fi)" "$(hook_state)"
for domain in "$@"; do
  state=undefined reason='' disks=''
  if grep -qxF -- "$domain" <<<"$known"; then
    state=$(domain_state "$domain")
    [[ $state != paused ]] || reason=$(pause_reason "$domain")
    disks=$(if is_active "$state"; then live_disks "$domain"; else virsh dumpxml "$domain" | network_disks; fi \
      | awk -F '\t' '{
        printf "%s{\"target\":\"%s\",\"source\":\"%s\",\"protocol\":\"%s\"}", separator, $1, $4, $3
        separator = ","
      }')
    if [[ $state == 'shut off' ]] && memory_saved "$domain"; then state=saved; fi
  fi
  printf '%s{"name":"%s","permit":"%s","state":"%s","reason":"%s","disks":[%s]}' \
    "$separator" "$domain" "$(permit_of "$domain")" "$state" "$reason" "$disks"
  separator=,
done
printf '],"pools":[%s]}\n' "$(pool_space)"
