#!/usr/bin/env bash
# drbd-first-sync.sh VOLUME WAIT DEADLINE_S GENERATION      (on the mirror that the configuration prefers as primary)
#
# Starts the first full synchronisation, by force, only where both copies are new: connected, both Inconsistent, and the
# data generation here "just created" (UUID 4). DRBD connects two Inconsistent copies without a synchronisation only if
# the peer's generation is "just created", too, so this proves both. Before that, VOLUME is recorded as new (see
# preload.sh). A volume that is synchronised, or being synchronised: nothing is forced.
#   WAIT        yes waits until both disks are UpToDate; no leaves the synchronisation in the background
#   DEADLINE_S  bounds all waits
#   GENERATION  counted up by the operator in the stack file to have the volume start anew, empty. Each one gets this
#               once. Two new disks in place of two that had data are more likely a pool that is not mounted than a
#               wish. The first synchronisation is on record here and on the peer (scripts/operator/first-sync.sh)
# Refuses (3): a second time for one GENERATION; a peer that is StandAlone (split brain, foreign data); any other state.
# May be interrupted anywhere and run again. Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/drbd-state.sh"
. "$here/lib/history.sh"

[[ $# == 4 && $2 =~ ^(yes|no)$ && $3 =~ ^[1-9][0-9]*$ && $4 =~ ^[1-9][0-9]*$ ]] || usage
name_or_usage "$1"
volume=$1 wait_for_end=$2 deadline=$3 generation=$4
take_lock "volume-$volume" 120
load_drbd
minor=$(minor_of "$volume")
left() { printf '%s\n' $((deadline > SECONDS ? deadline - SECONDS : 0)); }

settled() {
  read_state "$minor"
  case $cs in
    Connected | SyncSource | SyncTarget | PausedSyncS | PausedSyncT) return 0 ;;
    VerifyS | VerifyT | StandAlone | Unconfigured) return 0 ;;
    *) return 1 ;;
  esac
}
wait_for "$(left)" settled || fail "volume $volume did not connect to its peer within $deadline s: $(seen)"

# The generation and history of the data on this side, as the kernel has it.
data_generation() { drbdadm get-gi "$volume" | tail -n 1; }

forced=no
case $cs/$disk/$peer_disk in
  Unconfigured/*) refuse "volume $volume is down. Bring it up: drbd-create-metadata.sh $volume" ;;
  StandAlone/*)
    refuse "volume $volume does not talk to its peer: $(seen). Split brain, other data, or another shared secret. The" \
      "kernel log says which: journalctl -k | grep 'drbd $volume'"
    ;;
  */UpToDate/UpToDate) say "$volume is synchronised already" ;;
  SyncSource/* | SyncTarget/* | PausedSyncS/* | PausedSyncT/*) say "$volume is being synchronised already: $(seen)" ;;
  Connected/Inconsistent/Inconsistent)
    gi=$(data_generation)
    [[ $gi == 0000000000000004:0000000000000000:* ]] \
      || refuse "both copies of $volume are Inconsistent, but this one is not new (generation $gi): a synchronisation" \
        "was interrupted, and its source is gone. Nothing was forced. Bring back the mirror that has the data"
    had=$(first_sync_of "$volume")
    ((had < generation)) \
      || refuse "volume $volume had its first synchronisation before, and now the disks of both mirrors are new and" \
        "empty: its data is not on them. Nothing was forced. Are the old disks still on the KVM hosts (is a storage" \
        "pool not mounted)? Shut both mirrors down, put the old disks back in their places, and run \`pulumi up" \
        "--refresh\`. Only if both disks are lost for good: to start anew, with an empty volume, set" \
        "kvm-mirror:volumes.$volume.generation: $((had + 1)) in the stack file, and restore a backup" \
        "(docs/runbooks/both-down.md)"
    ((had == 0)) || forget_former "$volume"
    forced=yes
    printf 'new\n' | write_durably "$record_dir/$volume.new" 0644
    say "both copies of $volume are new: starting the first synchronisation"
    drbdadm primary --force "$volume" || fail "drbdadm primary --force $volume failed; its error message is above"
    source_ready() {
      read_state "$minor"
      [[ $disk == UpToDate ]]
    }
    wait_for 30 source_ready || fail "volume $volume did not become the source of the synchronisation within 30 s:" \
      "$(seen)"
    ;;
  *)
    refuse "volume $volume is neither new on both mirrors nor synchronised: $(seen). Expected:" \
      "Inconsistent/Inconsistent, a running synchronisation, or UpToDate/UpToDate. Nothing was forced"
    ;;
esac
had=$(first_sync_of "$volume")
# The generation was counted up without need: the data is there, and nothing starts anew.
if [[ $forced == no ]] && ((0 < had && had < generation)); then rm -f "$record_dir/$volume.new"; fi
record_first_sync "$volume" "$generation"
[[ $wait_for_end == yes ]] || exit 0
# Waiting changes nothing. It must not hold up a later run when the operator's end of this one is gone.
release_lock

next_line=$((SECONDS + 10))
in_sync() {
  read_state "$minor"
  if ((SECONDS >= next_line)); then
    say "$volume: $(seen), $((oos_kib / 1024)) MiB to go"
    next_line=$((SECONDS + 10))
  fi
  both_up_to_date
}
wait_for "$(left)" in_sync || fail "volume $volume is not synchronised after $deadline s: $(seen)," \
  "$((oos_kib / 1024)) MiB to go. It goes on in the background"
say "$volume: $(seen)"
