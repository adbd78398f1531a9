#!/usr/bin/env bash
# cluster-apply.sh DEADLINE_S
#
# Brings the cluster's configuration (CIB) to what the <configuration> on stdin says, in one step: what is equal already
# stays untouched, and so does what is not ours (DRBD's own constraints,
# standby marks, an operator's moves). The change is
# made as a patch against the version that was read, so that a constraint that DRBD adds meanwhile is never lost.
# A volume that is new to a cluster at work comes under its hands when both its disks are UpToDate.
# Waits up to 10 times DEADLINE_S until both mirrors are members, DEADLINE_S for such volumes.
# Refuses (3), with nothing changed: a configuration that Pacemaker would not accept, a mirror that is not a member.
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
  cibadmin --query >"$work/current.xml" || fail "Pacemaker did not show its configuration (its words are above)"
  python3 "$here/lib/merge_cib.py" "$work/current.xml" "$work/ours.xml" >"$work/new.xml" || fail "the configuration could not be put together (Python's words are above)"
}
volumes_in() { sed -n 's/.*name="drbd_resource" .*value="\([^"]*\)".*/\1/p; s/.*value="\([^"]*\)" .*name="drbd_resource".*/\1/p' "$1" | sort -u; }

read_current
# Errors only: a cluster without resources, or one that remembers a failure, is
# one that crm_verify warns about, with the same exit status.
crm_verify --xml-file "$work/new.xml" >"$work/words" 2>&1 || grep -q '^crm_verify: Warnings found' "$work/words" \
  || {
    cat "$work/words" >&2
    refuse "Pacemaker would not accept the configuration (its words are above)"
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
    wait_for "$deadline" synchronised || fail "volume $volume is new and not synchronised after $deadline s: $(seen), $((oos_kib / 1024)) MiB to go. Run this again when it is; the groups go on as they are"
  done
fi

for ((try = 1; ; try++)); do
  crm_diff --original "$work/current.xml" --new "$work/new.xml" >"$work/patch.xml" 2>"$work/words" && status=0 || status=$?
  # 0: nothing differs; 1: a patch.
  [[ $status -le 1 ]] || {
    cat "$work/words" >&2
    fail "crm_diff ended with $status"
  }
  if [[ $status == 0 ]]; then
    say "the cluster's configuration is as it should be"
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
