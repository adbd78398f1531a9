#!/usr/bin/env bash
# cluster-without-third-vote.sh DEADLINE_S
#
# For a cluster that lost quorum, with both mirrors back as members and the third vote missing. It runs nothing, because
# it waits for the third vote as well (wait_for_all). That guards against an older copy that goes on alone, which cannot
# happen while both mirrors are there, and two votes of three are a quorum. So this ends the waiting, for both mirrors,
# until quorum is lost again. Then it waits until every group runs. With quorum, it only waits.
# Waits up to DEADLINE_S for quorum, and 4 times as long for the groups.
# Refuses (3), with nothing changed: a mirror is not a member; the third vote is there, or this cluster has none.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/at-boot.sh"
. "$here/lib/cluster.sh"
. "$here/lib/cluster-state.sh"

[[ $# == 1 && $1 =~ ^[1-9][0-9]*$ ]] || usage
deadline=$1
refuse_without_cluster

read_cluster
if ! with_quorum <<<"$state"; then
  third_vote_missing || refuse "the third vote is not missing here, so something else is why there is no quorum;" \
    "$(cluster_words)"
  refuse_unless_both_members "$state"
  end_waiting "$deadline"
  say "the cluster goes on with the votes of both mirrors"
fi
await_every_group "$((deadline * 4))"
say "every group runs. If a mirror goes down before the third vote is back, the other one stops"
