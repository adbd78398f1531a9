#!/usr/bin/env bash
# cluster-apply.sh DEADLINE_S
#
# Brings the cluster's configuration (CIB) to the <configuration> on stdin, in one step. What is equal stays untouched.
# So does what is not ours: DRBD's own constraints, standby marks, an operator's moves. The change is a patch against
# the version that was read, so a constraint that DRBD adds meanwhile is never lost. A new volume is added to a running
# cluster only when both its disks are UpToDate.
# Waits up to 10 times DEADLINE_S until both mirrors are members, and DEADLINE_S for new volumes.
# Refuses (3), with nothing changed: a configuration that Pacemaker would not accept; a mirror that is not a member.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/drbd-state.sh"
. "$here/lib/cluster.sh"
. "$here/lib/cluster-state.sh"

[[ $# == 1 && $1 =~ ^[1-9][0-9]*$ ]] || usage
deadline=$1
refuse_without_cluster
take_lock cluster 120
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/ours.xml"
grep -q '<configuration' "$work/ours.xml" || refuse "stdin is no <configuration>"

both_online() { [[ $(cluster_state | online_nodes | wc -l) -ge 2 ]]; }
wait_for $((deadline * 10)) both_online || refuse_unless_both_members "$(cluster_state)"

# read_current: the CIB as it is, and as it will be.
read_current() {
  cibadmin --query >"$work/current.xml" || fail "Pacemaker did not show its configuration; its error message is above"
  python3 "$here/lib/merge_cib.py" "$work/current.xml" "$work/ours.xml" >"$work/new.xml" \
    || fail "the configurations could not be merged; Python's error message is above"
}
volumes_in() {
  sed -n 's/.*name="drbd_resource" .*value="\([^"]*\)".*/\1/p
    s/.*value="\([^"]*\)" .*name="drbd_resource".*/\1/p' "$1" | sort -u
}

read_current
# Errors only: crm_verify also warns, with the same exit status, about a cluster without resources or one that remembers
# a failure.
crm_verify --xml-file "$work/new.xml" >"$work/words" 2>&1 || grep -q '^crm_verify: Warnings found' "$work/words" \
  || {
    cat "$work/words" >&2
    refuse "Pacemaker would not accept the configuration; its error message is above"
  }

new_volumes=$(comm -13 <(volumes_in "$work/current.xml") <(volumes_in "$work/new.xml"))
if [[ -n $(volumes_in "$work/current.xml") ]]; then
  for volume in $new_volumes; do
    minor=$(minor_of "$volume")
    synchronised() {
      read_state "$minor"
      both_up_to_date
    }
    # shellcheck disable=SC2154  # read_state sets it
    wait_for "$deadline" synchronised \
      || fail "volume $volume is new, and is not synchronised after $deadline s: $(seen)," \
        "$((oos_kib / 1024)) MiB to go. The groups go on as they are. Run this again when it is UpToDate on both" \
        "mirrors"
  done
fi

for ((try = 1; ; try++)); do
  status=0
  crm_diff --original "$work/current.xml" --new "$work/new.xml" >"$work/patch.xml" 2>"$work/words" || status=$?
  # 0: nothing differs; 1: a patch.
  [[ $status -le 1 ]] || {
    cat "$work/words" >&2
    fail "crm_diff ended with $status"
  }
  if [[ $status == 0 ]]; then
    say "the cluster's configuration is up to date already"
    exit 0
  fi
  if cibadmin --patch --xml-file "$work/patch.xml" >"$work/words" 2>&1; then break; fi
  ((try < 20)) || {
    cat "$work/words" >&2
    fail "Pacemaker did not take the change"
  }
  sleep 0.5
  read_current
done
say "the cluster's configuration is changed"
