#!/usr/bin/env bash
# cluster-last-copy.sh MIRROR DEADLINE_S
#
# For when both mirrors went down, and only this one came back. Its cluster runs nothing before it has seen MIRROR
# (wait_for_all), because MIRROR may have taken writes that this copy lacks. The operator has confirmed that MIRROR is
# lost for good and that this copy has the last writes (`kvm-mirror failover` asks for the confirmation phrase). So this
#   1. ends the waiting;
#   2. tells the cluster that MIRROR is dead;
#   3. takes a disk that is Consistent for UpToDate. DRBD's own constraint keeps MIRROR, should it come back after all,
#      from being promoted before it has everything from here;
#   4. waits until every group runs here.
# Run again, it goes on where it stopped. Waits up to DEADLINE_S for quorum, as long for the volumes, and 4 times as
# long for the groups.
# Refuses (3), with nothing changed:
#   - a MIRROR that the cluster sees, or this mirror itself;
#   - a cluster that is paused, or whose third vote is missing: without it one mirror alone has no quorum;
#   - a volume whose disk is Inconsistent or Outdated by its own metadata: that copy is known to lack writes.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/drbd-state.sh"
. "$here/lib/at-boot.sh"
. "$here/lib/cluster.sh"
. "$here/lib/cluster-state.sh"

[[ $# == 2 && $2 =~ ^[1-9][0-9]*$ ]] || usage
name_or_usage "$1"
mirror=$1 deadline=$2 me=$(uname -n)
refuse_without_cluster

read_cluster
cluster_awake || refuse "the cluster is paused. End the pause first: kvm-mirror status says whose it is, and how to" \
  "end it"
refuse_unless_other "$mirror" "$state"
if third_vote_missing; then refuse "the third vote is missing (corosync-qdevice-tool -s). Without it this mirror" \
  "alone has no quorum. Bring the third place back first"; fi
# shellcheck disable=SC2154  # set by refuse_unless_other
[[ $node_line == *' online=false '* ]] || refuse "the cluster sees $mirror: it is not lost"

# drbdmeta(8), get-gi: four generations, then flags, of which the first two are "consistent" and "was up to date".
volumes=$(drbdadm sh-resources)
for volume in $volumes; do
  generation=$("$here/volume-generation.sh" "$volume")
  IFS=: read -r _ _ _ _ consistent up_to_date _ <<<"$generation"
  [[ $consistent == 1 ]] || refuse "volume $volume: this copy is Inconsistent, a mixture of old and new. Bring" \
    "$mirror back, or restore a backup"
  [[ $up_to_date == 1 ]] || refuse "volume $volume: this copy is Outdated: $mirror took writes that are missing here." \
    "Bring $mirror back, or restore a backup"
done

if ! with_quorum <<<"$state"; then
  end_waiting "$deadline"
  say "the cluster does not wait for $mirror any more, as the operator confirmed"
fi
# Where its KVM host answers, Pacemaker turns it off meanwhile. Confirming that as well does no harm.
stonith_admin --confirm "$mirror" >&2 \
  || fail "Pacemaker did not take the confirmation that $mirror is dead; its error message is above"

# vouch_for VOLUME: a Consistent disk becomes UpToDate. The constraint is the one that DRBD's handler,
# crm-fence-peer.sh, sets when a peer is outdated. The handler does not set it for a Consistent disk, but accepts it at
# a promotion.
vouch_for() {
  local clone="drbd-$1-clone" id="drbd-fence-by-handler-$1"
  local constraint="<rsc_location rsc=\"$clone\" id=\"$id-$clone\">"
  constraint+="<rule role=\"Master\" score=\"-INFINITY\" id=\"$id-rule-$clone\">"
  constraint+="<expression attribute=\"#uname\" operation=\"ne\" value=\"$me\" id=\"$id-expr-$clone\"/>"
  constraint+="</rule></rsc_location>"
  cibadmin --query --scope constraints --local | grep "id=\"$id-$clone\"" >/dev/null \
    || cibadmin --create --scope constraints --xml-text "$constraint" >&2 \
    || fail "Pacemaker did not take the constraint that keeps $mirror from being promoted; its error message is above"
  discreet_drbdadm primary "$1" || fail "volume $1 did not become Primary; DRBD's error message is above"
  # Pacemaker promotes it: at its next monitor it sees a disk that is UpToDate.
  discreet_drbdadm secondary "$1" || fail "volume $1 did not become Secondary again; DRBD's error message is above"
  say "volume $1: this copy counts as UpToDate, as the operator confirmed"
}

for volume in $volumes; do
  minor=$(minor_of "$volume")
  # shellcheck disable=SC2154  # read_state sets them
  is_up() {
    read_state "$minor"
    [[ $role != Unconfigured && $disk =~ ^(Consistent|UpToDate)$ ]]
  }
  wait_for "$deadline" is_up || fail "Pacemaker has not brought up volume $volume within $deadline s: $(seen);" \
    "$(cluster_words)"
  [[ $disk == UpToDate ]] || vouch_for "$volume"
done
await_every_group "$((deadline * 4))"
say "every group runs on $me, from the only copy that is left"
