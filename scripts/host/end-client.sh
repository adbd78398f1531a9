#!/usr/bin/env bash
# end-client.sh DOMAIN                           (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Ends what a live migration has left of a client here, where its guest does not run (lib/left-by-migration.sh). Off:
# nothing happens.
# Refuses (3): the guest runs here, or stands still for another reason.
# Exit codes: 0 it is off, 1 failed, 2 usage, 3 refused.
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
if ! is_active "$state"; then exit 0; fi
[[ $state == paused ]] || refuse "$domain is $state on $(uname -n): no live migration has left that"
left_or_refuse "$domain" handed-over coming waiting
virsh destroy "$domain" >/dev/null || fail "libvirt does not end $domain; its error message is above"
say "what was left of $domain ($left) is ended here"
