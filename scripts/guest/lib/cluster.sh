# shellcheck shell=bash
# The cluster (Pacemaker) that this mirror belongs to in automatic failover. What looks at its state needs
# cluster-state.sh; a STATE is what that prints.

# There on a mirror whose groups Pacemaker starts and stops; names the cluster.
readonly cluster_file=/etc/kvm-mirror/cluster

# The third vote (failover.qdevice): a mirror has one where this starts at boot.
readonly qdevice_unit=corosync-qdevice.service

# Seconds after which Pacemaker counts as one that does not answer: a busy
# mirror takes its time, and one that is down says so at once.
readonly pacemaker_patience=60

under_cluster() { [[ -e $cluster_file ]]; }

# In maintenance mode the cluster starts, stops and watches nothing. Where
# Pacemaker does not say, it is neither paused nor awake.
maintenance_mode() { timeout $pacemaker_patience crm_attribute --type crm_config --name maintenance-mode --query --quiet --default false 2>/dev/null; }
cluster_paused() { [[ $(maintenance_mode) =~ ^(true|yes|on|y|1)$ ]]; }
cluster_awake() { [[ $(maintenance_mode) == false ]]; }

# refuse_under_cluster COMMAND: what two would decide, nobody decides; a paused cluster decides nothing.
refuse_under_cluster() {
  if under_cluster && ! cluster_paused; then refuse "Pacemaker starts and stops the groups of this mirror (automatic failover); $1"; fi
}

refuse_without_cluster() {
  under_cluster || refuse "this mirror is in no cluster ($cluster_file is missing); cluster-configure.sh makes it a member"
}

# all_up_to_date VOLUME...: all are UpToDate on both mirrors; otherwise 1 with
# the first that is not in $lacking. Needs drbd-state.sh.
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
read_cluster() { state=$(cluster_state) || refuse "Pacemaker does not answer on this mirror; systemctl start pacemaker, and its log says why not"; }

# refuse_unless_both_members STATE: both mirrors are members.
refuse_unless_both_members() {
  [[ $(online_nodes <<<"$1" | wc -l) -ge 2 ]] || refuse "not both mirrors are members of the cluster: $(online_nodes <<<"$1" | tr '\n' ' ')is there. Bring the other one back first"
}

# refuse_unless_other MIRROR STATE: MIRROR is another one than this, and one that the
# cluster knows. Sets node_line, what STATE says of it.
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

# end_waiting SECONDS: a cluster that waits for all its votes (wait_for_all) goes on with
# those that it has; corosync tells all its members. Ends the script
# when that gives no quorum. Whoever calls this has made sure that no better copy is waited for.
end_waiting() {
  corosync-cmapctl -s quorum.cancel_wait_for_all u8 1 >&2 || fail "corosync did not take it (its words are above)"
  wait_for "$1" has_quorum || fail "no quorum $1 s after the waiting was ended; $(cluster_words)"
}

# has_third_vote: this mirror's cluster has one, connected or not. Needs at-boot.sh.
has_third_vote() { starts_at_boot "$qdevice_unit"; }

# qdevice_connected: the third vote is there. What it says is in columns of its own making.
qdevice_connected() { corosync-qdevice-tool -s 2>/dev/null | grep -E '^State:[[:space:]]+Connected$' >/dev/null; }

# third_vote_missing: this mirror's cluster has a third vote, and it is not there. Needs at-boot.sh.
third_vote_missing() { has_third_vote && ! qdevice_connected; }

# every_group_runs: 1 also when Pacemaker does not answer.
every_group_runs() {
  local state
  state=$(cluster_state) || return 1
  [[ -z $(unplaced_exports <<<"$state") ]]
}

# await_every_group SECONDS: ends the script when one runs nowhere by then.
await_every_group() {
  wait_for "$1" every_group_runs || fail "not every group runs after $1 s: $(cluster_state | unplaced_exports | tr '\n' ' '); $(cluster_words)"
}
