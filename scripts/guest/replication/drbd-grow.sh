#!/usr/bin/env bash
# drbd-grow.sh VOLUME BYTES                      (on one mirror, then on the other)
#
# Lets a volume grow into its data disks, after they have been grown on both mirrors. Afterwards it has at least BYTES.
# Large enough already: it stays. The new part is synchronised in the background.
# On the mirror that serves it, the servers get the new size where no client notices: an iSCSI target that is not open
# is made again. A client that has the volume open keeps the size that it had when the client connected (NBD), or when
# the target was made (iSCSI). This script says which client that is and what to do; state.sh shows it from then on. The
# other mirror's servers open the volume when its group moves there, with the size that it has then.
# Refuses (3): mirrors that are not connected with both disks UpToDate (a first synchronisation is waited for); data
# disks that are too small. Never shrinks. Waits up to 10 min for the synchronisation, 30 s for the size.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/replication/lib/drbd-state.sh"
. "$here/placement/lib/group.sh"
. "$here/exports/lib/iscsi.sh"
. "$here/exports/lib/attached.sh"
. "$here/exports/lib/outgrown.sh"

[[ $# == 2 && $2 =~ ^[1-9][0-9]*$ ]] || usage
name_or_usage "$1"
volume=$1 wanted=$2
load_drbd
minor=$(minor_of "$volume")

size() {
  local bytes
  device_bytes "$minor" || fail "/sys/block/drbd$minor is not there, though volume $volume is up"
  printf '%s\n' "$bytes"
}
large_enough() { (($(size) >= wanted)); }
settled() {
  read_state "$minor"
  whole
}

read_state "$minor"
[[ $cs != Unconfigured ]] || refuse "volume $volume is down. Bring it up: drbd-create-metadata.sh $volume"
if ! large_enough; then
  take_lock "volume-$volume" 120
  before=$(size)
  wait_for 600 settled || refuse "volume $volume cannot grow now: $(seen). Expected: Connected and UpToDate/UpToDate"
  drbdadm resize "$volume" >&2 || fail "drbdadm resize $volume failed; its error message is above. $(seen)"
  wait_for 30 large_enough \
    || refuse "volume $volume has $(size) bytes, expected at least $wanted. The data disk of one mirror is still too" \
      "small (here: $(blockdev --getsize64 "$(drbdadm sh-ll-dev "$volume")") bytes)"
  release_lock
  say "volume $volume has grown from $before to $(size) bytes"
fi

# What serves it here.
group=$(group_of "$volume")
[[ -n $group && -e $active_dir/$group ]] || exit 0
read_state "$minor"
[[ $role == Primary ]] || exit 0
take_lock "group-$group" 120
load_group "$group"
note_sizes
if [[ $ISCSI == yes ]] && systemctl is-active --quiet tgt.service; then
  "$here/exports/iscsi-serve.sh" "$group" \
    || fail "volume $volume has grown, but its iSCSI target could not be updated; the" \
      "error message is above"
fi
while read -r protocol device address; do
  [[ $device == "/dev/drbd$minor" && $address != - ]] || continue
  say "volume $volume: the client at $address has it open by $protocol, and still sees the old size. To give it the" \
    "new size without an error: kvm-mirror switch $volume --to <the other mirror>, so that its KVM host connects" \
    "anew; then virsh blockresize there, with $(size)B (docs/clients.md, \"A volume that has grown\")"
done < <(outgrown "$group")
