#!/usr/bin/env bash
# switch-in-cluster.sh GROUP FROM FROM_HOSTKEY TO TO_HOSTKEY DEADLINE_S
#
# A planned switch of an export group under automatic failover:
#   1. The cluster is paused (cluster-pause.sh).
#   2. The mirrors hand the group over, as in switch-group.sh. The cluster's own way has a dozen steps, and clients wait
#      for each of them.
#   3. The cluster is resumed, whatever became of the switch. It looks where everything is, within DEADLINE_S, and goes
#      on from there.
# It also resumes by itself after 5 minutes. The pause belongs to this switch: another switch waits for its end.
# Exit codes: those of switch-group.sh; 1 also when the group was moved and the cluster did not resume.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"

[[ $# == 6 && $1 =~ ^[a-zA-Z0-9][a-zA-Z0-9_-]*$ && $6 =~ ^[1-9][0-9]*$ ]] || usage
target_or_usage "$2" "$3"
target_or_usage "$4" "$5"
group=$1 from=$2 from_key=$3 to=$4 to_key=$5 deadline=$6
owner=$group-$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')
on_both() { # on_both SCRIPT ARGUMENT...: the mirror that is to serve first; 1 when one of them failed
  local status=0
  mirror_ssh "$to" "$to_key" "$(guest "$@")" </dev/null || status=1
  # Unless both are paused nothing moves, so the second mirror need not be waited for.
  [[ $1 != cluster-pause.sh || $status == 0 ]] || return "$status"
  mirror_ssh "$from" "$from_key" "$(guest "$@")" </dev/null || status=1
  return "$status"
}

status=0
if on_both cluster-pause.sh "$owner"; then
  bash "$here/switch-group.sh" "$group" "$from" "$from_key" "$to" "$to_key" || status=$?
else
  status=3
  say "group $group stays where it is: the cluster could not be paused, for the reason above"
fi
on_both cluster-resume.sh "$owner" "$deadline" \
  || fail "the cluster did not resume, for the reason above. It resumes by itself 5 minutes after it was paused"
exit "$status"
