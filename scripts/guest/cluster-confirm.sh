#!/usr/bin/env bash
# cluster-confirm.sh MIRROR DEADLINE_S
#
# Tells the cluster, on the operator's word, that MIRROR is dead and
# cannot write any more: what fencing does by itself, for
# the case that its KVM host cannot be asked. Then waits until every group runs here. Whoever says this of a mirror that
# still runs, loses data: `kvm-mirror failover` asks for it.
# Waits up to 4 times DEADLINE_S.
# Refuses (3): a mirror that the cluster sees as a member, or has fenced already; this mirror itself.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/cluster.sh"
. "$here/lib/cluster-state.sh"

[[ $# == 2 && $2 =~ ^[1-9][0-9]*$ ]] || usage
name_or_usage "$1"
mirror=$1 deadline=$(($2 * 4))
refuse_without_cluster

state=$(cluster_state || true)
refuse_unless_other "$mirror" "$state"
# shellcheck disable=SC2154  # set by refuse_unless_other
[[ $node_line == *' unclean=true'* ]] || refuse "the cluster does not wait for the death of $mirror: ${node_line#"node $mirror "}"
stonith_admin --confirm "$mirror" >&2 || fail "Pacemaker did not take the confirmation (its words are above)"
say "the cluster takes $mirror for dead, on the operator's word"
await_every_group "$deadline"
say "every group runs on $(uname -n)"
