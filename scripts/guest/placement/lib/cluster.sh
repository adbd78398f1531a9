# shellcheck shell=bash
# The cluster (Pacemaker) that this mirror belongs to in automatic failover. What looks at its state needs
# cluster-state.sh; a STATE is what that prints.

# It exists on a mirror whose groups Pacemaker starts and stops, and names the cluster.
readonly cluster_file=/etc/kvm-mirror/cluster

# The key of corosync's links, and the next one until both members have it (cluster-key.sh).
# shellcheck disable=SC2034  # for the scripts that source this file
readonly corosync_key=/etc/corosync/authkey staged_key=/etc/corosync/authkey.next

# The third vote (failover.qdevice): a mirror has one where this starts at boot.
readonly qdevice_unit=corosync-qdevice.service

# Seconds after which Pacemaker counts as not answering: on a busy mirror it takes time; where it is down, that is known
# at once.
readonly pacemaker_patience=60

# last_messages UNIT: of its journal, on one line.
last_messages() { journalctl -u "$1" -n 5 --no-pager -o cat | tr '\n' ' '; }

under_cluster() { [[ -e $cluster_file ]]; }

# In maintenance mode the cluster starts, stops and watches nothing. Where Pacemaker does not answer, the cluster counts
# neither as paused nor as awake.
maintenance_mode() {
  timeout $pacemaker_patience \
    crm_attribute --type crm_config --name maintenance-mode --query --quiet --default false 2>/dev/null
}
cluster_paused() { [[ $(maintenance_mode) =~ ^(true|yes|on|y|1)$ ]]; }
cluster_awake() { [[ $(maintenance_mode) == false ]]; }

# refuse_under_cluster COMMAND: only the cluster decides where a group runs, unless it is paused.
refuse_under_cluster() {
  if under_cluster && ! cluster_paused; then
    refuse "Pacemaker starts and stops the groups of this mirror (automatic failover); $1"
  fi
}

refuse_without_cluster() {
  under_cluster || refuse "this mirror is in no cluster ($cluster_file is missing); cluster-configure.sh makes it a" \
    "member"
}

# all_up_to_date VOLUME...: all are UpToDate on both mirrors. Otherwise 1, and $lacking names the first that is not.
# Needs drbd-state.sh.
# shellcheck disable=SC2034  # read by the caller
all_up_to_date() {
  local volume
  lacking=
  for volume in "$@"; do
    read_state "$(minor_of "$volume")"
    if ! both_up_to_date; then
      lacking="volume $volume is not UpToDate on both mirrors: $(seen)"
      return 1
    fi
  done
}

# cluster_words: the cluster's state on one line, for messages.
cluster_words() { printf 'crm_mon says: %s' "$(timeout $pacemaker_patience crm_mon -1 -n 2>&1 | tr -s '\n' '|')"; }

# read_cluster: sets state. Refuses where Pacemaker does not answer.
read_cluster() {
  state=$(cluster_state) \
    || refuse "Pacemaker does not answer on this mirror. Start it: systemctl start pacemaker; its log says what is" \
      "wrong"
}

# refuse_unless_both_members STATE: refuses unless both mirrors are members.
refuse_unless_both_members() {
  [[ $(online_nodes <<<"$1" | wc -l) -ge 2 ]] \
    || refuse "not both mirrors are members of the cluster: $(online_nodes <<<"$1" | tr '\n' ' ')is there. Bring the" \
      "other one back first"
}

# refuse_unless_other MIRROR STATE: refuses unless MIRROR is another mirror than this one, and the cluster knows it.
# Sets node_line, which is what STATE says of it.
# shellcheck disable=SC2034  # read by the caller
refuse_unless_other() {
  [[ $1 != "$(uname -n)" ]] || refuse "$1 is this mirror, and it runs"
  node_line=$(grep "^node $1 " <<<"$2" || true)
  [[ -n $node_line ]] || refuse "the cluster knows no mirror $1"
}

# has_quorum: whether this mirror's side has it, as Pacemaker says now.
has_quorum() {
  local state
  state=$(cluster_state) && with_quorum <<<"$state"
}

# end_waiting SECONDS: a cluster that waits for all its votes (wait_for_all) goes on with those that it has; corosync
# tells all its members. Ends the script when that gives no quorum. The caller has made sure that the cluster does not
# wait for a better copy.
end_waiting() {
  corosync-cmapctl -s quorum.cancel_wait_for_all u8 1 >&2 \
    || fail "corosync did not end the waiting for all votes; its error message is above"
  wait_for "$1" has_quorum || fail "there is no quorum $1 s after the waiting for all votes was ended; $(cluster_words)"
}

# has_third_vote: this mirror's cluster has one, connected or not. Needs at-boot.sh.
has_third_vote() { starts_at_boot "$qdevice_unit"; }

# qdevice_connected: the third vote is there. The tool aligns its output by blanks and tabs.
qdevice_connected() { corosync-qdevice-tool -s 2>/dev/null | grep -E '^State:[[:space:]]+Connected$' >/dev/null; }

# third_vote_missing: this mirror's cluster has a third vote, and it is not there. Needs at-boot.sh.
third_vote_missing() { has_third_vote && ! qdevice_connected; }

# every_group_runs: 1 when one does not, or Pacemaker does not answer.
every_group_runs() {
  local state
  state=$(cluster_state) || return 1
  [[ -z $(unplaced_exports <<<"$state") ]]
}

# await_every_group SECONDS: ends the script when a group still runs nowhere.
await_every_group() {
  wait_for "$1" every_group_runs || fail "after $1 s these groups do not run:" \
    "$(cluster_state | unplaced_exports | tr '\n' ' '); $(cluster_words)"
}
