#!/usr/bin/env bash
# cluster-place.sh GROUP MIRROR DEADLINE_S
#
# Has the cluster run a group's exports on MIRROR, and waits until they do. Where they run already, nothing happens.
# They are moved there by a constraint that ends by itself and is taken away at the end: the cluster may move them again
# when that mirror is lost. A group that runs nowhere yet is left to the cluster, and waited for.
# Waits up to 4 times DEADLINE_S.
# Refuses (3): a mirror that is no member or in standby, a volume of the group that is not UpToDate on both.
# Exit codes: 0 done, 1 failed (what was moved stays where it can run), 2 usage, 3 refused.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=scripts/guest/lib/say.sh
. "$here/lib/say.sh"
# shellcheck source=scripts/guest/lib/wait-for.sh
. "$here/lib/wait-for.sh"
# shellcheck source=scripts/guest/lib/lock.sh
. "$here/lib/lock.sh"
# shellcheck source=scripts/guest/lib/drbd-state.sh
. "$here/lib/drbd-state.sh"
# shellcheck source=scripts/guest/lib/group.sh
. "$here/lib/group.sh"
# shellcheck source=scripts/guest/lib/cluster.sh
. "$here/lib/cluster.sh"

[[ $# == 3 && $3 =~ ^[1-9][0-9]*$ ]] || usage
name_or_usage "$1"
name_or_usage "$2"
group=$1 mirror=$2 deadline=$(($3 * 4))
resource=exports-$group
refuse_without_cluster
load_group "$group"
take_lock cluster 120

runs_on() { cluster_state | node_of "$resource"; }
somewhere() { [[ -n $(runs_on) ]]; }
there() { [[ $(runs_on) == "$mirror" ]]; }

if ! wait_for "$deadline" somewhere; then
  fail "group $group runs nowhere after $deadline s; $(cluster_words)"
fi
if there; then
  say "group $group runs on $mirror"
  exit 0
fi

before=$(runs_on)
cluster_state | grep -q "<node name=\"$mirror\" .*online=\"true\" standby=\"false\"" || refuse "$mirror is no member of the cluster, or in standby; group $group stays on $before"
# shellcheck disable=SC2086  # one argument per volume
all_whole $VOLUMES || refuse "$lacking; group $group stays on $before"
say "moving group $group from $before to $mirror"
crm_resource --move --resource "$resource" --node "$mirror" --lifetime "PT${deadline}S" >&2 || fail "Pacemaker did not take the move (its words are above)"
trap 'crm_resource --clear --resource "$resource" >/dev/null 2>&1 || true' EXIT
wait_for "$deadline" there || fail "group $group does not run on $mirror after $deadline s, but on $(runs_on || true); $(cluster_words)"
say "group $group runs on $mirror"
