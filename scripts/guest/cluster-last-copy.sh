#!/usr/bin/env bash
# cluster-last-copy.sh MIRROR DEADLINE_S
#
# Both mirrors went down, and only this one came back. Its cluster runs
# nothing before it has seen MIRROR (wait_for_all),
# which may have taken writes that this copy lacks. On the operator's
# word that MIRROR is lost for good and that this copy
# has the last writes, this ends the waiting, tells the cluster that
# MIRROR is dead, and waits until every group runs here.
# A disk that is Consistent is taken for UpToDate on that word, and DRBD's
# own constraint keeps MIRROR, should it come back after
# all, from being promoted before it has everything from here.
# `kvm-mirror failover` asks for that word. Run again, it goes on where it stopped.
# Waits up to DEADLINE_S for quorum, as long for the volumes, and 4 times as long for the groups.
# Refuses (3), with nothing changed: a mirror that the cluster sees; this
# mirror itself; a cluster that is paused, or whose
# third vote is missing: alone there is no quorum without it; a volume whose disk is Inconsistent or Outdated by its own
# metadata: that copy is known to lack writes.
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
cluster_awake || refuse "the cluster is paused: end that first (kvm-mirror status says by whom, and how)"
refuse_unless_other "$mirror" "$state"
if third_vote_missing; then refuse "the third vote is missing (corosync-qdevice-tool -s), and without it this mirror has no quorum alone. Bring the third place back first"; fi
# shellcheck disable=SC2154  # set by refuse_unless_other
[[ $node_line == *' online=false '* ]] || refuse "the cluster sees $mirror: it is not lost"

# drbdmeta(8), get-gi: four generations, then flags, of which the first two are "consistent" and "was up to date".
volumes=$(drbdadm sh-resources)
for volume in $volumes; do
  generation=$("$here/volume-generation.sh" "$volume")
  IFS=: read -r _ _ _ _ consistent up_to_date _ <<<"$generation"
  [[ $consistent == 1 ]] || refuse "volume $volume: this copy is Inconsistent, a mixture of old and new; bring $mirror back, or restore a backup"
  [[ $up_to_date == 1 ]] || refuse "volume $volume: this copy is Outdated: $mirror took writes that are missing here; bring $mirror back, or restore a backup"
done

if ! with_quorum <<<"$state"; then
  end_waiting "$deadline"
  say "the cluster does not wait for $mirror any more, on the operator's word"
fi
# Where its KVM host answers, Pacemaker has it turned off meanwhile, and said twice is said once.
stonith_admin --confirm "$mirror" >&2 || fail "Pacemaker did not take the confirmation that $mirror is dead (its words are above)"

# vouch_for VOLUME: a Consistent disk becomes UpToDate. The constraint is
# the one that crm-fence-peer.sh, DRBD's handler, sets
# when a peer is outdated; it would not set it itself for a disk that is
# Consistent, but takes it for its own when a promotion asks.
vouch_for() {
  local clone="drbd-$1-clone" id="drbd-fence-by-handler-$1"
  cibadmin --query --scope constraints --local | grep "id=\"$id-$clone\"" >/dev/null \
    || cibadmin --create --scope constraints --xml-text "<rsc_location rsc=\"$clone\" id=\"$id-$clone\"><rule role=\"Master\" score=\"-INFINITY\" id=\"$id-rule-$clone\"><expression attribute=\"#uname\" operation=\"ne\" value=\"$me\" id=\"$id-expr-$clone\"/></rule></rsc_location>" >&2 \
    || fail "Pacemaker did not take the constraint that keeps $mirror from being promoted (its words are above)"
  discreet_drbdadm primary "$1" || fail "volume $1 does not become Primary (DRBD's words are above)"
  # Pacemaker promotes it: it sees a disk that is UpToDate when it looks next.
  discreet_drbdadm secondary "$1" || fail "volume $1 does not become Secondary again (DRBD's words are above)"
  say "volume $1: this copy counts as UpToDate, on the operator's word"
}

for volume in $volumes; do
  minor=$(minor_of "$volume")
  # shellcheck disable=SC2154  # read_state sets them
  is_up() {
    read_state "$minor"
    [[ $role != Unconfigured && $disk =~ ^(Consistent|UpToDate)$ ]]
  }
  wait_for "$deadline" is_up || fail "Pacemaker has not brought up volume $volume within $deadline s: $(seen); $(cluster_words)"
  [[ $disk == UpToDate ]] || vouch_for "$volume"
done
await_every_group "$((deadline * 4))"
say "every group runs on $me, from the only copy that is left"
