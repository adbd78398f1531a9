#!/usr/bin/env bash
# pool-leave.sh
#
# The mirror's ZFS pool has left the stack: it is not imported at boot any more, and not read through. Its disk and what
# is on it stay as they are. Declared again, it comes back with its volumes.
# Refuses (3), with nothing changed: a DRBD resource that lies on it.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/lib/at-boot.sh"
. "$here/lib/schedule.sh"
. "$here/backing/lib/pool.sh"

[[ $# == 0 ]] || usage
take_lock pool 600
on_it=$(grep -lE "^[[:space:]]*disk[[:space:]]+\"?/dev/zvol/$pool/" /etc/drbd.d/*.res 2>/dev/null || true)
[[ -z $on_it ]] || refuse "volumes lie on the ZFS pool $pool: $(tr '\n' ' ' <<<"$on_it"). Take them out of the" \
  "stack file first: pulumi up"
not_at_boot "$pool_unit"
schedule "$scrub_timer" '' kvm-mirror:backing.zvol.scrub "the ZFS pool is read through"
if command -v zpool >/dev/null && pool_imported; then
  own_pool
  zpool export "$pool" </dev/null >&2 \
    || say "a zvol of $pool is open on this mirror, and the pool stays until the mirror is next shut down"
fi
