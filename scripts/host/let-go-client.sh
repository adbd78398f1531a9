#!/usr/bin/env bash
# let-go-client.sh DOMAIN                        (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Lets a client go on whose guest stands still because a live migration was interrupted: here it has come in whole, or
# from here it was not taken. Whoever calls this has made sure that it is on nowhere else, and has not run elsewhere
# since. It runs already: nothing happens.
# Refuses (3): it stands still for another reason.
# Exit codes: 0 it runs, 1 failed, 2 usage, 3 refused.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/domain-disks.sh"
. "$here/lib/monitor.sh"
. "$here/lib/permits.sh"
. "$here/lib/left-by-migration.sh"

[[ $# == 1 && $1 =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ ]] || usage
domain=$1
alone_with "$domain"
state=$(domain_state "$domain")
if [[ $state == running || $state == idle ]]; then exit 0; fi
[[ $state == paused ]] || fail "$domain is $state on $(uname -n)"
left_or_refuse "$domain" handed-over waiting
virsh resume "$domain" >/dev/null || fail "libvirt does not let $domain go on; its error message is above"
say "$domain goes on"
