#!/usr/bin/env bash
# ufw-forget.sh [OWNER] PORT...                  (on a KVM host)
#
# Undoes ufw-allow.sh for the stack OWNER; without it, for a stack that an earlier version made. Removes the rules under
# the comment "kvm-mirror" that no other stack needs. Rules of others stay. ufw is not installed or not active: nothing
# is changed, and this script says so.
# Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/as-root.sh"
. "$here/lib/shared-settings.sh"
. "$here/lib/ufw.sh"

owner=$unnamed
if [[ ${1:-} == */* ]]; then
  owner_or_usage "$1"
  owner=$1
  shift
fi
[[ $# -ge 1 ]] || usage
for port in "$@"; do [[ $port =~ ^[1-9][0-9]{0,4}$ ]] || usage; done
one_at_a_time
for port in "$@"; do forget_user "ufw-$port" "$owner"; done
ufw_is_active || exit 0
for port in "$@"; do
  rule=$(rule_for "$port")
  users=$(users_of "ufw-$port")
  if [[ -n $users ]]; then
    say "the rule for $port/tcp stays for $users"
  elif is_ours "$rule"; then
    as_root ufw delete allow out "$port/tcp" >&2 \
      || fail "ufw did not remove the rule for $port/tcp; its error message is above"
  elif [[ -n $rule ]]; then
    say "the rule for $port/tcp is not ours, and stays: $rule"
  fi
done
