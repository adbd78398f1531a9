#!/usr/bin/env bash
# cluster-standby.sh MIRROR on|off DEADLINE_S
#
#   on   has the cluster move everything away from MIRROR, and run nothing there until it is told off. Waits until
#        MIRROR's exports run on the other mirror and its volumes are Secondary
#   off  MIRROR may run groups again. Waits until it is a member and every volume is UpToDate on both mirrors
# Safe to run twice. Waits up to 4 times DEADLINE_S.
# Refuses (3) `on`, because no mirror would serve then: the other mirror is not a member; a volume is not UpToDate on
# both (MIRROR may have lost its disk); a third vote is missing.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/drbd-state.sh"
. "$here/lib/at-boot.sh"
. "$here/lib/cluster.sh"
. "$here/lib/cluster-state.sh"

[[ $# == 3 && $2 =~ ^(on|off)$ && $3 =~ ^[1-9][0-9]*$ ]] || usage
name_or_usage "$1"
mirror=$1 wanted=$2 deadline=$(($3 * 4))
refuse_without_cluster
take_lock cluster 120

state=$(cluster_state) || fail "Pacemaker does not answer on this mirror"
lines_with node <<<"$state" | grep -x "$mirror" >/dev/null \
  || refuse "the cluster knows no mirror $mirror. It has: $(lines_with node <<<"$state" | tr '\n' ' ')"

# shellcheck disable=SC2046  # one argument per volume
every_volume_up_to_date() { all_up_to_date $(drbdadm sh-resources 2>/dev/null); }

# The mirror that stays has everything: both are UpToDate, or MIRROR is the one that lost its disk.
every_volume_stays() {
  local volume leaving staying
  for volume in $(drbdadm sh-resources 2>/dev/null); do
    read_state "$(minor_of "$volume")"
    # shellcheck disable=SC2154  # set by read_state
    if [[ $mirror == "$(uname -n)" ]]; then leaving=$disk staying=$peer_disk; else leaving=$peer_disk staying=$disk; fi
    [[ $staying == UpToDate && $leaving == Diskless ]] || all_up_to_date "$volume" || return 1
  done
}

if [[ $wanted == off ]]; then
  crm_attribute --type nodes --node "$mirror" --name standby --delete >&2 \
    || fail "Pacemaker did not end the standby; its error message is above"
  # shellcheck disable=SC2317  # called by wait_for
  returned() {
    local state
    state=$(cluster_state) || return 1
    lines_with node online=true standby=false <<<"$state" | grep -x "$mirror" >/dev/null && every_volume_up_to_date
  }
  wait_for "$deadline" returned || fail "$mirror is not back after $deadline s:" \
    "${lacking:-it is no member of the cluster}"
  say "$mirror may run groups again"
  exit 0
fi

if ! lines_with node standby=true <<<"$state" | grep -x "$mirror" >/dev/null; then
  online_nodes <<<"$state" | grep -vx "$mirror" >/dev/null \
    || refuse "no other mirror is a member of the cluster, so no mirror would serve. Bring it back first"
  if third_vote_missing; then refuse "the third vote is missing (corosync-qdevice-tool -s). When $mirror goes down," \
    "the other one has no quorum, and stops. Bring the third place back first"; fi
  every_volume_stays || refuse "$lacking. Wait for the synchronisation, or bring the other mirror back, first"
  crm_attribute --type nodes --node "$mirror" --name standby --update on >&2 \
    || fail "Pacemaker did not set the standby; its error message is above"
fi
# Nothing of the groups or volumes runs there any more, and every group runs somewhere.
drained() {
  local now
  now=$(cluster_state) || return 1
  [[ -z $(resources_on "$mirror" <<<"$now") ]] || return 1
  [[ -z $(unplaced_exports <<<"$now") ]]
}
wait_for "$deadline" drained || fail "$mirror is not drained after $deadline s; $(cluster_words)"
say "$mirror runs nothing any more. The cluster leaves it alone until it is told off"
