# shellcheck shell=bash
# The cluster as this mirror sees it: one look at Pacemaker, as the plain lines of cluster_state.py, and what these
# functions find in them. They read the lines on stdin. Needs cluster.sh.

# cluster_state: the lines. 1 when Pacemaker does not answer.
# shellcheck disable=SC2154  # set in cluster.sh
cluster_state() {
  timeout "$pacemaker_patience" crm_mon --output-as=xml --inactive 2>/dev/null \
    | python3 -IS "$here/lib/cluster_state.py"
}

# lines_with KIND WORD...: of the lines of this kind the second word, where all of these words follow.
lines_with() {
  local kind=$1 first name is word
  shift
  while read -r first name is; do
    [[ $first == "$kind" ]] || continue
    for word in "$@"; do [[ " $is " == *" $word "* ]] || continue 2; done
    printf '%s\n' "$name"
  done
}

# with_quorum, in_maintenance: whether this mirror's side has quorum; whether the cluster starts and stops nothing.
with_quorum() { [[ -n $(lines_with cluster quorum=true) ]]; }
in_maintenance() { [[ -n $(lines_with cluster maintenance=true) ]]; }

# online_nodes: the nodes that are members, ready to run something or in standby.
online_nodes() { lines_with node online=true pending=false unclean=false; }

# node_of RESOURCE: the node on which it runs, neither failed nor blocked.
node_of() {
  local kind id node is found=
  while read -r kind id node is; do
    if [[ -z $found && "$kind $id" == "resource $1" && $node != - && $is == *steady=true ]]; then found=$node; fi
  done
  printf '%s' "$found"
}

# our_resources: the volumes, VIPs and exports that the cluster knows: drbd-VOLUME, vip-GROUP, exports-GROUP.
our_resources() { lines_with resource | { grep -E '^(drbd|vip|exports)-' || true; } | sort -u; }

# resources_on NODE: those of them that run there in any role.
resources_on() { lines_with resource "$1" active=true | { grep -E '^(drbd|vip|exports)-' || true; } | sort -u; }

# groups_of_cluster: the groups that the cluster knows.
groups_of_cluster() { lines_with resource | sed -n 's/^exports-//p' | sort -u; }

# fenced_by_cluster: the mirrors that the cluster is able to turn off, as far as it knows.
fenced_by_cluster() { lines_with resource | sed -n 's/^fence-//p' | sort -u; }

# unplaced_exports: the groups whose exports run nowhere, or do not yet.
unplaced_exports() {
  local state group
  state=$(cat)
  groups_of_cluster <<<"$state" | while read -r group; do
    if [[ -z $(node_of "exports-$group" <<<"$state") ]]; then printf '%s\n' "$group"; fi
  done
}
