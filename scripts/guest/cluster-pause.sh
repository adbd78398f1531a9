#!/usr/bin/env bash
# cluster-pause.sh OWNER
#
# Puts the cluster into maintenance mode, in which it starts, stops and
# watches nothing, for the time of a planned switch:
# group-stop.sh and group-start.sh move a group within a second or two,
# where the cluster needs a dozen steps. cluster-resume.sh
# with the same OWNER ends it. Should nobody come to run that, this mirror
# does so itself after 5 minutes: no failure finds the
# cluster asleep for longer. Said on both mirrors, so that the death of one leaves the
# other's clock. A lost mirror is fenced all the same meanwhile.
# One switch at a time: waits, up to 8 minutes, while another owner's pause
# is in force. Safe to run twice: the clock begins anew.
# Refuses (3): a cluster that is not whole, one that somebody has paused
# by hand, a pause of another owner that does not end.
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
# taken: the pause is ours. One look says whose it is and whether it is anybody's, so that
# a pause that begins or ends meanwhile is not taken for one by hand.
# shellcheck disable=SC2154  # read_pause sets them
taken() {
  read_pause || return 1
  if [[ -n $pause_owner && $pause_owner != "$owner" ]]; then
    [[ $waiting_for == "$pause_owner" ]] || say "waiting for the planned switch $pause_owner, which has paused the cluster"
    waiting_for=$pause_owner
    return 1
  fi
  [[ $by_hand == no ]] || refuse "the cluster is paused by hand (maintenance-mode): whoever did that ends it, with crm_attribute --type crm_config --name maintenance-mode --delete"
  read_cluster
  refuse_unless_both_members "$state"
  standby=$(lines_with node standby=true <<<"$state")
  [[ -z $standby ]] || refuse "$standby is in standby: the cluster would move away again what it is given (kvm-mirror maintain $standby --done)"
  # Before the pause: there is none without its clock.
  set_clock "$owner" || fail "systemd did not set the clock that would wake the cluster again (its words are above)"
  [[ -n $pause_owner ]] || add_pause "$owner" || true
  read_pause && [[ $pause_owner == "$owner" ]]
}
wait_for $((longest_pause + 180)) taken || {
  drop_clock "$owner"
  refuse "the pause does not begin: $((longest_pause + 180)) s waited for $waiting_for. Where nobody is at work any more, on a mirror: sudo /usr/local/lib/kvm-mirror/cluster-resume.sh $waiting_for 120"
}
cluster_paused || fail "the pause is in the cluster's configuration, and maintenance-mode is not: somebody ended it by hand"
say "the cluster starts and stops nothing for $longest_pause s at most"
