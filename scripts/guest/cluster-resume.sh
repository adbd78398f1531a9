#!/usr/bin/env bash
# cluster-resume.sh OWNER DEADLINE_S
#
# Ends what cluster-pause.sh began for OWNER, and nothing else: the cluster
# looks where volumes and groups are now, and goes on with that.
# Waits up to DEADLINE_S for it to have looked, and as long again for every group
# to run somewhere. Where OWNER's pause is over, or another
# one's has begun, it only stops OWNER's clock. What an operator paused by hand
# stays paused. Until Pacemaker has taken it, the clock goes on.
# Exit codes: 0 done, 1 failed (Pacemaker does not wake, or is awake and a group does not run), 2 usage, 3 refused.
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

read_pause || fail "Pacemaker does not say whether the cluster is paused; the clock of $owner goes on, and ends the pause"
# shellcheck disable=SC2154  # read_pause sets them
if [[ $pause_owner != "$owner" ]]; then
  drop_clock "$owner"
  say "the pause of $owner is over${pause_owner:+; that of $pause_owner goes on}"
  exit 0
fi
# Without a look first it would take things to be where they were, and move them
# back. Fence devices stay as they are: they may be needed.
for resource in $(cluster_state | our_resources); do
  crm_resource --refresh --resource "$resource" >&2 || say "Pacemaker did not look anew where $resource is (its words are above)"
done
timeout "$deadline" crm_resource --wait --timeout "$deadline" >&2 || say "Pacemaker has not looked everywhere after $deadline s"
end_pause "$owner" || fail "Pacemaker does not wake (its words are above); the clock of $owner goes on, and tries again"
if ! read_pause || [[ $pause_owner == "$owner" ]]; then fail "Pacemaker did not end the pause of $owner; its clock goes on, and tries again"; fi
drop_clock "$owner"
if [[ $by_hand == yes ]]; then
  say "the pause of $owner is over; the cluster stays paused, for somebody set maintenance-mode by hand"
  exit 0
fi
await_every_group "$deadline"
say "the cluster is awake; every group runs"
