#!/usr/bin/env bash
# volume-group-leave.sh
#
# The mirror's volume group has left the stack: it is not looked for at boot any more. Its disk and what is on it stay
# as they are. Declared again, it comes back with its volumes.
# Refuses (3), with nothing changed: a DRBD resource that lies on it.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/lib/at-boot.sh"
. "$here/backing/lib/volume-group.sh"

[[ $# == 0 ]] || usage
take_lock volume-group 600
on_it=$(grep -lE "^[[:space:]]*disk[[:space:]]+\"?/dev/$vg/" /etc/drbd.d/*.res 2>/dev/null || true)
[[ -z $on_it ]] || refuse "volumes lie on the volume group $vg: $(tr '\n' ' ' <<<"$on_it"). Take them out of the" \
  "stack file first: pulumi up"
not_at_boot "$lvm_unit"
if have_lvm && vg_seen; then
  own_group
  vgchange --activate n "$vg" </dev/null >&2 \
    || say "a logical volume of $vg is open on this mirror, and stays active until the mirror is next shut down"
fi
