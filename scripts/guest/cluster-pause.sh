#!/usr/bin/env bash
# cluster-pause.sh OWNER
#
# Puts the cluster into maintenance mode for the time of a planned switch. In that mode it starts, stops and watches
# nothing; a lost mirror is fenced all the same. group-stop.sh and group-start.sh then move a group within a second or
# two, where the cluster needs a dozen steps.
#   - cluster-resume.sh with the same OWNER ends the pause. If that never runs, this mirror ends it after 5 minutes.
#   - Run it on both mirrors: when one dies, the other one's timer remains.
#   - One switch at a time: waits, up to 8 minutes, while another owner's pause is in force.
# Safe to run twice: the timer starts anew.
# Refuses (3): a cluster that is not whole; one that somebody has paused by hand; another owner's pause does not end.
# Exit codes: 0 paused, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/at-boot.sh"
. "$here/lib/cluster.sh"
. "$here/lib/cluster-state.sh"
. "$here/lib/pause.sh"

[[ $# == 1 ]] || usage
name_or_usage "$1"
owner=$1
refuse_without_cluster
read_cluster

waiting_for='Pacemaker, which does not answer'
# taken: the pause is ours. One query says whether there is a pause, and whose. So a pause that begins or ends meanwhile
# is not mistaken for one by hand.
# shellcheck disable=SC2154  # read_pause sets them
taken() {
  read_pause || return 1
  if [[ -n $pause_owner && $pause_owner != "$owner" ]]; then
    [[ $waiting_for == "$pause_owner" ]] || say "waiting for the planned switch $pause_owner: it has paused the cluster"
    waiting_for=$pause_owner
    return 1
  fi
  [[ $by_hand == no ]] || refuse "the cluster is paused by hand (maintenance-mode). Whoever paused it ends the pause:" \
    "crm_attribute --type crm_config --name maintenance-mode --delete"
  read_cluster
  refuse_unless_both_members "$state"
  standby=$(lines_with node standby=true <<<"$state")
  [[ -z $standby ]] || refuse "$standby is in standby: the cluster would move every group away from it again. End" \
    "that first: kvm-mirror maintain $standby --done"
  # Before the pause: no pause without its timer.
  set_clock "$owner" || fail "systemd did not start the timer that would resume the cluster; its error message is above"
  [[ -n $pause_owner ]] || add_pause "$owner" || true
  read_pause && [[ $pause_owner == "$owner" ]]
}
wait_for $((longest_pause + 180)) taken || {
  drop_clock "$owner"
  refuse "the pause did not begin: this switch waited $((longest_pause + 180)) s for $waiting_for. If that switch is" \
    "not running any more, on a mirror: sudo /usr/local/lib/kvm-mirror/cluster-resume.sh $waiting_for 120"
}
cluster_paused || fail "the pause is in the cluster's configuration, but maintenance-mode is not. Somebody ended the" \
  "pause by hand"
say "the cluster starts and stops nothing for $longest_pause s at most"
