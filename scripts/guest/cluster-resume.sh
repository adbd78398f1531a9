#!/usr/bin/env bash
# cluster-resume.sh DEADLINE_S
#
# Ends what cluster-pause.sh began: the cluster looks where volumes and groups are now, and goes on with that. Waits up to
# DEADLINE_S for it to have looked, and as long again for every group to run somewhere. Safe to run twice. Until Pacemaker has
# taken it, the clock that cluster-pause.sh set goes on.
# Exit codes: 0 done, 1 failed (the cluster is awake, a group does not run), 2 usage, 3 refused.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib/say.sh
. "$here/lib/say.sh"
# shellcheck source=lib/wait-for.sh
. "$here/lib/wait-for.sh"
# shellcheck source=lib/cluster.sh
. "$here/lib/cluster.sh"

[[ $# == 1 && $1 =~ ^[1-9][0-9]*$ ]] || usage
deadline=$1
refuse_without_cluster
if ! cluster_awake; then
  # Without a look first it would take things to be where they were, and move them back. Fence devices stay as they are: they may be needed.
  for resource in $(cluster_state | sed -n 's/^ *<resource id="\(\(drbd\|vip\|exports\)-[^":]*\)[":].*/\1/p' | sort -u); do
    crm_resource --refresh --resource "$resource" >&2 || say "Pacemaker did not look anew where $resource is (its words are above)"
  done
  timeout "$deadline" crm_resource --wait --timeout "$deadline" >&2 || say "Pacemaker has not looked everywhere after $deadline s"
  crm_attribute --type crm_config --name maintenance-mode --delete >&2 || fail "Pacemaker does not wake (its words are above); crm_attribute --type crm_config --name maintenance-mode --delete does it"
fi
systemctl stop "$resume_timer" 2>/dev/null || true
await_every_group "$deadline"
say "the cluster is awake; every group runs"
