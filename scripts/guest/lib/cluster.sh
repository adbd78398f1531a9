# shellcheck shell=bash
# The cluster (Pacemaker) that this mirror belongs to in automatic failover.

# It exists on a mirror whose groups Pacemaker starts and stops, and names the cluster.
readonly cluster_file=/etc/kvm-mirror/cluster

# The third vote (failover.qdevice): a mirror has one where this starts at boot.
readonly qdevice_unit=corosync-qdevice.service

# Seconds after which Pacemaker counts as not answering: on a busy mirror it takes time; where it is down, that is known
# at once.
readonly pacemaker_patience=60

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

# all_whole VOLUME...: all are UpToDate on both mirrors. Otherwise 1, and $lacking names the first that is not. Needs
# drbd-state.sh.
# shellcheck disable=SC2034,SC2154  # read by the caller; set by read_state
all_whole() {
  local volume
  lacking=
  for volume in "$@"; do
    read_state "$(minor_of "$volume")"
    if [[ $disk != UpToDate || $peer_disk != UpToDate ]]; then
      lacking="volume $volume is not UpToDate on both mirrors: $(seen)"
      return 1
    fi
  done
}

# cluster_words: the cluster's state on one line, for messages.
cluster_words() { printf 'crm_mon says: %s' "$(timeout $pacemaker_patience crm_mon -1 -n 2>&1 | tr -s '\n' '|')"; }

# cluster_state: the cluster as this mirror sees it, as crm_mon's XML; 1 when Pacemaker does not answer.
cluster_state() { timeout $pacemaker_patience crm_mon --output-as=xml --inactive 2>/dev/null; }

# read_cluster: sets state, cluster_state's XML. Refuses where Pacemaker does not answer.
read_cluster() {
  state=$(cluster_state) \
    || refuse "Pacemaker does not answer on this mirror. Start it: systemctl start pacemaker; its log says what is" \
      "wrong"
}

# refuse_unless_both_members STATE: refuses unless both mirrors are members, by cluster_state's XML.
refuse_unless_both_members() {
  [[ $(online_nodes <<<"$1" | wc -l) -ge 2 ]] \
    || refuse "not both mirrors are members of the cluster: $(online_nodes <<<"$1" | tr '\n' ' ')is there. Bring the" \
      "other one back first"
}

# refuse_unless_other MIRROR STATE: refuses unless MIRROR is another mirror than this one, and the cluster knows it, by
# cluster_state's XML. Sets node_line, which is what the XML says of it.
# shellcheck disable=SC2034  # read by the caller
refuse_unless_other() {
  [[ $1 != "$(uname -n)" ]] || refuse "$1 is this mirror, and it runs"
  node_line=$(grep "<node name=\"$1\" .*unclean=" <<<"$2" || true)
  [[ -n $node_line ]] || refuse "the cluster knows no mirror $1"
}

# with_quorum: of cluster_state's XML on stdin, whether this mirror's side has quorum.
with_quorum() { grep ' with_quorum="true"' >/dev/null; }

# has_quorum: whether this mirror's side has it, as Pacemaker says now.
has_quorum() { cluster_state | with_quorum; }

# end_waiting SECONDS: a cluster that waits for all its votes (wait_for_all) goes on with those that it has; corosync
# tells all its members. Ends the script when that gives no quorum. The caller has made sure that the cluster does not
# wait for a better copy. Needs wait-for.sh.
end_waiting() {
  corosync-cmapctl -s quorum.cancel_wait_for_all u8 1 >&2 \
    || fail "corosync did not end the waiting for all votes; its error message is above"
  wait_for "$1" has_quorum || fail "there is no quorum $1 s after the waiting for all votes was ended; $(cluster_words)"
}

# online_nodes: of cluster_state's XML on stdin, the nodes that are members, ready to run something or in standby.
online_nodes() { sed -n 's/^ *<node name="\([^"]*\)" .* online="true".* pending="false".* unclean="false".*/\1/p'; }

# node_of RESOURCE: of cluster_state's XML on stdin, the node on which it runs, neither failed nor blocked.
node_of() {
  awk -v id="$1" '
    # A start that has not ended is "Starting", as the role or as what is pending.
    $1 == "<resource" {
      inside = ($0 ~ " id=\"" id "\"") && ($0 ~ " role=\"Started\"") && ($0 ~ " failed=\"false\"") \
        && ($0 ~ " blocked=\"false\"") && ($0 !~ " pending=\"(Start|Stop|Migrat)")
    }
    $1 == "</resource>" { inside = 0 }
    inside && $1 == "<node" { match($0, "name=\"[^\"]*\""); print substr($0, RSTART + 6, RLENGTH - 7); exit }'
}

# resources_on NODE: of cluster_state's XML on stdin, the volumes, VIPs and exports that run there in any role.
resources_on() {
  awk -v node="$1" '
    $1 == "<resource" {
      match($0, "id=\"[^\"]*\"")
      id = substr($0, RSTART + 4, RLENGTH - 5)
      ours = id ~ /^(drbd|vip|exports)-/ && $0 ~ " active=\"true\""
    }
    $1 == "</resource>" { ours = 0 }
    ours && $1 == "<node" && index($0, "name=\"" node "\"") { print id }'
}

# cluster_json: the cluster as this mirror sees it; "answers" is false when Pacemaker does not run here. Needs json.sh,
# at-boot.sh, group.sh and pause.sh.
cluster_json() {
  local state nodes groups fences target qdevice=null
  if ! state=$(cluster_state); then
    printf '{"answers":false,"quorum":false,"paused":false,"nodes":[],"groups":[],"fences":[],"qdevice":null}'
    return
  fi
  local node='^ *<node name="\([^"]*\)" .* online="\([a-z]*\)" standby="\([a-z]*\)" .* unclean="\([a-z]*\)" .*'
  nodes=$(sed -n "s/$node/{\"name\":\"\1\",\"online\":\2,\"standby\":\3,\"unclean\":\4}/p" <<<"$state")
  groups=$(groups_of_cluster <<<"$state" | while read -r group; do
    node=$(node_of "exports-$group" <<<"$state")
    printf '{"name":"%s","mirror":%s}\n' "$group" "${node:+\"}${node:-null}${node:+\"}"
  done)
  fences=$(sed -n 's/^ *<resource id="fence-\([^"]*\)" .*/\1/p' <<<"$state" | sort -u | while read -r target; do
    printf '{"mirror":"%s","ready":%s}\n' "$target" "$(json_truth test -n "$(node_of "fence-$target" <<<"$state")")"
  done)
  if has_third_vote; then qdevice=$(json_truth qdevice_connected); fi
  printf '{"answers":true,"quorum":%s,"paused":%s,"pausedBy":%s,' "$(json_truth with_quorum <<<"$state")" \
    "$(json_truth grep -q '<cluster_options .*maintenance-mode="true"' <<<"$state")" "$(paused_by)"
  printf '"nodes":%s,"groups":%s,"fences":%s,"qdevice":%s,"configuration":"%s"}' \
    "$(json_list <<<"$nodes")" "$(json_list <<<"$groups")" "$(json_list <<<"$fences")" "$qdevice" \
    "$(configuration_of /etc/corosync/corosync.conf)"
}

# paused_by: JSON, the owner of the pause (cluster-pause.sh), null without one. Needs pause.sh.
paused_by() {
  if read_pause && [[ -n $pause_owner ]]; then json_text "$pause_owner"; else printf null; fi
}

# has_third_vote: this mirror's cluster has one, connected or not. Needs at-boot.sh.
has_third_vote() { starts_at_boot "$qdevice_unit"; }

# qdevice_connected: the third vote is there. The tool aligns its output by blanks and tabs.
qdevice_connected() { corosync-qdevice-tool -s 2>/dev/null | grep -E '^State:[[:space:]]+Connected$' >/dev/null; }

# third_vote_missing: this mirror's cluster has a third vote, and it is not there. Needs at-boot.sh.
third_vote_missing() { has_third_vote && ! qdevice_connected; }

# groups_of_cluster: of cluster_state's XML on stdin, the groups that it knows.
groups_of_cluster() { sed -n 's/^ *<resource id="exports-\([^"]*\)" .*/\1/p' | sort -u; }

# unplaced_exports: of cluster_state's XML on stdin, the groups whose exports run nowhere, or do not yet.
unplaced_exports() {
  local state group
  state=$(cat)
  groups_of_cluster <<<"$state" | while read -r group; do
    if [[ -z $(node_of "exports-$group" <<<"$state") ]]; then printf '%s\n' "$group"; fi
  done
}

# every_group_runs: 1 when one does not, or Pacemaker does not answer.
every_group_runs() {
  local state
  state=$(cluster_state) || return 1
  [[ -z $(unplaced_exports <<<"$state") ]]
}

# await_every_group SECONDS: ends the script when a group still runs nowhere. Needs wait-for.sh.
await_every_group() {
  wait_for "$1" every_group_runs || fail "after $1 s these groups do not run:" \
    "$(cluster_state | unplaced_exports | tr '\n' ' '); $(cluster_words)"
}
