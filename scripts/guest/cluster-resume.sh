#!/usr/bin/env bash
# cluster-resume.sh OWNER DEADLINE_S
#
# Ends the pause that cluster-pause.sh began for OWNER, and nothing else. The cluster probes where volumes and groups
# are now, and goes on from there. Waits up to DEADLINE_S for that, and as long again for every group to run somewhere.
#   - OWNER's pause is over, or another one's has begun: only OWNER's timer is stopped.
#   - What an operator paused by hand stays paused.
#   - The timer runs until Pacemaker has taken the end of the pause.
# Exit codes: 0 done, 1 failed (the cluster is not resumed, or it is and a group does not run), 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/at-boot.sh"
. "$here/lib/cluster.sh"
. "$here/lib/cluster-state.sh"
. "$here/lib/pause.sh"

[[ $# == 2 && $2 =~ ^[1-9][0-9]*$ ]] || usage
name_or_usage "$1"
owner=$1 deadline=$2
refuse_without_cluster

read_pause || fail "Pacemaker does not say whether the cluster is paused. The timer of $owner runs on, and ends the" \
  "pause"
# shellcheck disable=SC2154  # read_pause sets them
if [[ $pause_owner != "$owner" ]]; then
  drop_clock "$owner"
  say "the pause of $owner is over${pause_owner:+; that of $pause_owner goes on}"
  exit 0
fi
# Without probing first, the cluster would take everything to be where it was, and move it back. Fence devices stay as
# they are: they may be needed.
for resource in $(cluster_state | our_resources); do
  crm_resource --refresh --resource "$resource" >&2 \
    || say "Pacemaker did not probe $resource again; its error message is above"
done
timeout "$deadline" crm_resource --wait --timeout "$deadline" >&2 \
  || say "Pacemaker has not probed everything after $deadline s"
end_pause "$owner" || fail "Pacemaker did not take the end of the pause; its error message is above. The timer of" \
  "$owner runs on, and tries again"
if ! read_pause || [[ $pause_owner == "$owner" ]]; then fail "Pacemaker did not end the pause of $owner. Its timer" \
  "runs on, and tries again"; fi
drop_clock "$owner"
if [[ $by_hand == yes ]]; then
  say "the pause of $owner is over. The cluster stays paused: somebody set maintenance-mode by hand"
  exit 0
fi
await_every_group "$deadline"
say "the cluster is resumed; every group runs"
