#!/usr/bin/env bash
# cluster-without-third-vote.sh DEADLINE_S
#
# Both mirrors are members of the cluster, and run nothing: it lost quorum, and
# now waits for the third vote as well (wait_for_all), which
# is missing. Two votes of three are a quorum, and what the waiting guards, an
# older copy that goes on alone, cannot happen while both
# mirrors are there: this ends it, for both, until quorum is lost again. Then
# waits until every group runs. With quorum, it only waits.
# Waits up to DEADLINE_S for quorum, and 4 times as long for the groups.
# Refuses (3), with nothing changed: a mirror that is not a member; a third
# vote that is there, or that this cluster does not have.
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
  third_vote_missing || refuse "no third vote is missing here: this is not why there is no quorum; $(cluster_words)"
  refuse_unless_both_members "$state"
  end_waiting "$deadline"
  say "the cluster goes on with the votes of both mirrors"
fi
await_every_group "$((deadline * 4))"
say "every group runs; when a mirror goes down before the third vote is back, the other one stops"
