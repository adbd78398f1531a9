#!/usr/bin/env bash
# keepalive-forget.sh [OWNER]                    (on a KVM host)
#
# Undoes keepalive-set.sh for the stack OWNER; without it, for a stack that an earlier version made.
#   - Another stack needs the settings: they stay, and this script says so.
#   - No other stack does: removes the file, and sets each value back to what held before, unless somebody has changed
#     it since.
# Done already: nothing happens.
# Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/as-root.sh"
. "$here/lib/shared-settings.sh"
. "$here/lib/keepalive.sh"

[[ $# -le 1 ]] || usage
if [[ $# == 1 ]]; then owner_or_usage "$1"; fi
one_at_a_time
forget_user keepalive "${1:-$unnamed}"
users=$(users_of keepalive)
[[ -z $users ]] || {
  say "TCP keepalive of $(uname -n) stays as it is for $users"
  exit 0
}
[[ -e $keepalive_file ]] || {
  say "TCP keepalive of $(uname -n) was not set by kvm-mirror: nothing to undo"
  exit 0
}
for key in "${keepalive_keys[@]}"; do
  now=$(sysctl -n "$key")
  if [[ $now == "$(chosen "$key")" ]]; then
    as_root sysctl -q -w "$key=$(remembered "$key")" \
      || fail "$key could not be set back to $(remembered "$key"); the error message is above"
  else
    say "$key is $now, which kvm-mirror did not set. It stays"
  fi
done
as_root rm -f "$keepalive_file"
