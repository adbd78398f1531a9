#!/usr/bin/env bash
# ufw-forget.sh PORT...                          (on a KVM host)
#
# Removes the rules that ufw-allow.sh made: those under the comment "kvm-mirror". Rules of others stay.
# ufw not installed or not active: nothing is changed, and said. Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib/say.sh
. "$here/lib/say.sh"
# shellcheck source=lib/as-root.sh
. "$here/lib/as-root.sh"
# shellcheck source=lib/ufw.sh
. "$here/lib/ufw.sh"

[[ $# -ge 1 ]] || usage
for port in "$@"; do [[ $port =~ ^[1-9][0-9]{0,4}$ ]] || usage; done
ufw_is_active || exit 0
for port in "$@"; do
  rule=$(rule_for "$port")
  if [[ $rule == *"comment 'kvm-mirror'"* ]]; then
    as_root ufw delete allow out "$port/tcp" >&2 || fail "ufw did not remove the rule for $port/tcp (its words are above)"
  elif [[ -n $rule ]]; then
    say "the rule for $port/tcp is not from here and stays: $rule"
  fi
done
