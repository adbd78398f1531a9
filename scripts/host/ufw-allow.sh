#!/usr/bin/env bash
# ufw-allow.sh OWNER PORT...                     (on a KVM host)
#
# Lets the host out to TCP PORTs (NBD 10809, iSCSI 3260) where ufw is active, under the comment "kvm-mirror", and notes
# that the stack OWNER (`<project>/<stack>`) needs the rules. A rule that is there already stays as it is, under
# whatever comment. ufw is not installed or not active: nothing is changed, and this script says so.
# Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/as-root.sh"
. "$here/lib/shared-settings.sh"
. "$here/lib/ufw.sh"

[[ $# -ge 2 ]] || usage
owner_or_usage "$1"
owner=$1
shift
for port in "$@"; do [[ $port =~ ^[1-9][0-9]{0,4}$ ]] || usage; done
ufw_is_active || exit 0
one_at_a_time
for port in "$@"; do
  rule=$(rule_for "$port")
  if is_ours "$rule"; then note_earlier "ufw-$port"; fi
  if [[ -z $rule ]] || is_ours "$rule"; then note_user "ufw-$port" "$owner"; fi
  if [[ -n $rule ]]; then
    say "ufw lets $port/tcp out already"
  else
    as_root ufw allow out "$port/tcp" comment kvm-mirror >&2 \
      || fail "ufw did not take the rule for $port/tcp; its error message is above"
  fi
done
