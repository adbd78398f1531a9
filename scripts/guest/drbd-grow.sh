#!/usr/bin/env bash
# drbd-grow.sh VOLUME BYTES                      (on either mirror)
#
# Lets a volume grow into its data disks, after they have been grown on both mirrors: afterwards it has at least BYTES.
# Large enough already: nothing happens. The new part is synchronised in the background.
# Clients see the new size when they are started anew; tgtd keeps the
# size that a target was made with, also for new logins,
# until the group moves. Both is said.
# Refuses (3): mirrors that are not connected with both disks UpToDate
# (a first synchronisation is waited for), data disks
# that are too small. Never shrinks. Waits up to 10 min for the synchronisation, 30 s for the size.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib/say.sh
. "$here/lib/say.sh"
# shellcheck source=lib/wait-for.sh
. "$here/lib/wait-for.sh"
# shellcheck source=lib/lock.sh
. "$here/lib/lock.sh"
# shellcheck source=lib/drbd-state.sh
. "$here/lib/drbd-state.sh"

[[ $# == 2 && $2 =~ ^[1-9][0-9]*$ ]] || usage
name_or_usage "$1"
volume=$1 wanted=$2
load_drbd
minor=$(minor_of "$volume")

# The kernel's own figure: a Secondary's device cannot be opened to ask it.
size() { printf '%s\n' $(($(<"/sys/block/drbd$minor/size") * 512)); }
large_enough() { (($(size) >= wanted)); }
settled() {
  read_state "$minor"
  [[ $cs == Connected && $disk == UpToDate && $peer_disk == UpToDate ]]
}

read_state "$minor"
[[ $cs != Unconfigured ]] || refuse "volume $volume is down; drbd-create-metadata.sh brings it up"
if large_enough; then exit 0; fi

take_lock "volume-$volume" 120
before=$(size)
wait_for 600 settled || refuse "volume $volume cannot grow now: $(seen); expected Connected and UpToDate/UpToDate"
drbdadm resize "$volume" >&2 || fail "drbdadm resize $volume failed (its words are above); $(seen)"
wait_for 30 large_enough \
  || refuse "volume $volume has $(size) bytes, expected at least $wanted: the data disk of one mirror is too small still (here: $(blockdev --getsize64 "$(drbdadm sh-ll-dev "$volume")") bytes)"
say "$volume has grown from $before to $(size) bytes. Clients by NBD: shut each down and start it (a reboot from inside is not enough). Clients by iSCSI: first kvm-mirror switch $volume --to <the other mirror>, since tgtd keeps the old size of a target until it is made anew; then the same"
