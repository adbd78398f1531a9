#!/usr/bin/env bash
# switch-in-cluster.sh GROUP FROM FROM_HOSTKEY TO TO_HOSTKEY DEADLINE_S
#
# A planned switch of an export group under automatic failover: the
# cluster is paused (cluster-pause.sh), the mirrors hand the
# group over as in switch-group.sh, and the cluster, awake again, looks
# where everything is and goes on from there. By its own
# steps it would take a dozen, each of which clients wait for. It is woken whatever becomes of the switch, and wakes by
# itself after 5 minutes. The pause belongs to this switch: another one that begins
# meanwhile waits for its end. DEADLINE_S: how long it may take to look.
# Exit codes: those of switch-group.sh; 1 also when the group was moved and the cluster does not go on.
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
  # What is not paused on both moves nothing: no use in waiting a second time.
  [[ $1 != cluster-pause.sh || $status == 0 ]] || return "$status"
  mirror_ssh "$from" "$from_key" "$(guest "$@")" </dev/null || status=1
  return "$status"
}

status=0
if on_both cluster-pause.sh "$owner"; then
  bash "$here/switch-group.sh" "$group" "$from" "$from_key" "$to" "$to_key" || status=$?
else
  status=3
  say "group $group stays where it is: the cluster is not paused (the words are above)"
fi
on_both cluster-resume.sh "$owner" "$deadline" || fail "the cluster does not go on as it should (its words are above); it wakes by itself 5 minutes after it was paused"
exit "$status"
