#!/usr/bin/env bash
# cluster-confirm.sh MIRROR DEADLINE_S
#
# Tells the cluster that MIRROR is dead and cannot write any more, as the operator confirmed. Fencing finds that out by
# itself; this is for a MIRROR whose KVM host cannot be asked. Then waits until every group runs here, up to 4 times
# DEADLINE_S. If MIRROR still runs, data is lost: `kvm-mirror failover` asks for a confirmation phrase.
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
[[ $node_line == *' unclean=true'* ]] \
  || refuse "the cluster does not wait for the death of $mirror: ${node_line#"node $mirror "}"
stonith_admin --confirm "$mirror" >&2 || fail "Pacemaker did not take the confirmation; its error message is above"
say "the cluster counts $mirror as dead, as the operator confirmed"
await_every_group "$deadline"
say "every group runs on $(uname -n)"
