#!/usr/bin/env bash
# switch-group.sh GROUP FROM FROM_HOSTKEY TO TO_HOSTKEY
#
# A planned switch of an export group from the mirror FROM, which serves it, to TO (user@address each):
#   1. TO gets ready, and waits.
#   2. FROM takes the VIP down, ends its servers, and makes the volumes Secondary.
#   3. TO takes them at once. If it cannot, FROM serves again.
# Clients wait meanwhile; they get no error. Where TO can do so, it ends their old connections when it serves: FROM
# tells it which there are. Otherwise FROM ends them, and who comes back too early waits a second.
# Exit codes: 0 done, 1 failed (the message says where the group is now), 2 usage, 3 refused (nothing was touched).
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"

[[ $# == 5 && $1 =~ ^[a-zA-Z0-9][a-zA-Z0-9_-]*$ ]] || usage
target_or_usage "$2" "$3"
target_or_usage "$4" "$5"
group=$1 from=$2 from_key=$3 to=$4 to_key=$5

# It waits only as long as we hold its stdin open.
coproc TAKING { mirror_ssh "$to" "$to_key" "$(guest group-start.sh "$group" --take-over)"; }
taking=$TAKING_PID
said=
read -r said <&"${TAKING[0]}" || true
if [[ $said != waiting ]]; then
  status=0
  wait "$taking" || status=$?
  say "group $group stays where it is: $to cannot take it, for the reason above"
  exit "$((status == 0 ? 1 : status))"
fi
# At once, from a mirror whose scripts know of it.
how=aloud
if read -r -t 1 said <&"${TAKING[0]}" && [[ $said == 'ends connections' ]]; then how=quietly; fi
# Open until the end of this script, whatever becomes of the coprocess.
exec {hold}>&"${TAKING[1]}"
# tell: passes lines on to TO, which may be gone.
tell() {
  local line
  trap '' PIPE
  { while read -r line; do printf '%s\n' "$line" >&"$hold" || true; done; } 2>/dev/null
}

let_go=0
mirror_ssh "$from" "$from_key" "$(guest group-stop.sh "$group" --hand-over)" <<<"$how" | tell || let_go=$?
(tell <<<'all told')
if ((let_go != 0)); then
  exec {hold}>&-
  eval "exec ${TAKING[1]}>&-"
  wait "$taking" || true
  if ((let_go == 3)); then
    say "group $group stays on $from, which refuses to let it go, for the reason above"
    exit 3
  fi
  mirror_ssh "$from" "$from_key" "$(guest group-start.sh "$group")" </dev/null \
    || fail "group $group did not leave $from, and does not serve there again either; the error messages are above." \
      "Clients wait. Look at both mirrors before anything else: kvm-mirror status"
  fail "group $group did not leave $from, for the reason above. It serves there as before"
fi
taken=0
wait "$taking" || taken=$?
if ((taken != 0)); then
  mirror_ssh "$from" "$from_key" "$(guest group-start.sh "$group")" </dev/null \
    || fail "group $group left $from, $to did not take it, and $from does not take it back; the error messages are" \
      "above. No client can use it now. Look at both mirrors: kvm-mirror status"
  fail "$to did not take group $group, for the reason above. $from serves it again"
fi
say "group $group moved from $from to $to"
