#!/usr/bin/env bash
# cluster-where.sh GROUP DEADLINE_S
#
# Waits until the cluster runs a group's exports somewhere, at most four times DEADLINE_S, and prints the mirror's name.
# Exit codes: 0 it runs, 1 it does not, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/group.sh"
. "$here/lib/cluster.sh"
. "$here/lib/cluster-state.sh"

[[ $# == 2 && $2 =~ ^[1-9][0-9]*$ ]] || usage
name_or_usage "$1"
group=$1 deadline=$(($2 * 4))
refuse_without_cluster
load_group "$group"
found() {
  mirror=$(cluster_state | node_of "exports-$group")
  [[ -n $mirror ]]
}
wait_for "$deadline" found || fail "group $group runs nowhere after $deadline s; $(cluster_words)"
printf '%s\n' "$mirror"
