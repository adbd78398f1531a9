# shellcheck shell=bash
# The cluster's part of what state.sh prints. Needs json.sh, at-boot.sh, group.sh, cluster.sh, cluster-state.sh,
# pause.sh and configurations.sh.

# cluster_json: the cluster as this mirror sees it; "answers" false when Pacemaker does not run here.
cluster_json() {
  local state kind name online standby unclean under_way group nodes='' groups='' fences='' qdevice=null
  if ! state=$(cluster_state); then
    printf '{"answers":false,"quorum":false,"paused":false,"nodes":[],"groups":[],"fences":[],"qdevice":null}'
    return
  fi
  under_way=$(lines_with fencing status=pending fails=false <<<"$state")
  while read -r kind name online standby _ unclean; do
    [[ $kind == node ]] || continue
    nodes+=$(printf '{"name":%s,"online":%s,"standby":%s,"unclean":%s,"fencing":%s}' \
      "$(json_text "$name")" "${online#*=}" "${standby#*=}" "${unclean#*=}" \
      "$(json_truth contains "$name" "$under_way")")$'\n'
  done <<<"$state"
  for group in $(groups_of_cluster <<<"$state"); do
    name=$(node_of "exports-$group" <<<"$state")
    if [[ -n $name ]]; then name=$(json_text "$name"); fi
    groups+=$(printf '{"name":%s,"mirror":%s}' "$(json_text "$group")" "${name:-null}")$'\n'
  done
  for name in $(fenced_by_cluster <<<"$state"); do
    fences+=$(printf '{"mirror":%s,"ready":%s}' "$(json_text "$name")" \
      "$(json_truth test -n "$(node_of "fence-$name" <<<"$state")")")$'\n'
  done
  if has_third_vote; then qdevice=$(json_truth qdevice_connected); fi
  printf '{"answers":true,"quorum":%s,"paused":%s,"pausedBy":%s,"nodes":%s,"groups":%s,"fences":%s,"qdevice":%s' \
    "$(json_truth with_quorum <<<"$state")" "$(json_truth in_maintenance <<<"$state")" "$(paused_by)" \
    "$(json_list <<<"$nodes")" "$(json_list <<<"$groups")" "$(json_list <<<"$fences")" "$qdevice"
  # shellcheck disable=SC2154  # of configurations.sh
  printf ',"configuration":"%s"}' "${configuration[cluster]:-}"
}

# contains LINE LINES
contains() { [[ $'\n'$2$'\n' == *$'\n'"$1"$'\n'* ]]; }

# paused_by: JSON, the owner of the pause (cluster-pause.sh), null without one.
paused_by() {
  if read_pause && [[ -n $pause_owner ]]; then json_text "$pause_owner"; else printf null; fi
}
