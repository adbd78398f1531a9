#!/usr/bin/env bash
# permit-forget.sh OWNER CLIENT                  (on a KVM host)
#
# Removes this host's permit of a client that the stack OWNER (`<project>/<stack>`) has written (permit-client.sh). With
# the last permit of all stacks goes libvirt's hook; other files in its directory stay. Done already: nothing happens.
# Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/as-root.sh"
. "$here/lib/shared-settings.sh"
. "$here/lib/permits.sh"

[[ $# == 2 && $2 =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ ]] || usage
owner_or_usage "$1"
one_at_a_time
as_root rm -f "$(permit_file "$1" "$2")"
for permit in "$permits"/*@*; do
  if [[ -e $permit ]]; then exit 0; fi
done
as_root rm -f "$hook" "$hook_caller"
