#!/usr/bin/env bash
# verify.sh [VOLUME...], for kvm-mirror-verify.service and for people
#
# Compares the copies of volumes on both mirrors (`drbdadm verify`), one volume after the other. It reads, and changes
# no data: DRBD counts what differs, `kvm-mirror status` says so, and `kvm-mirror recover` explains it.
# Without VOLUME: those whose comparison is this mirror's to begin, the one that was compared longest ago first. That is
# where the volume is Secondary; where it is Secondary on both, the mirror that its resource names first. None begins
# later than 6 h after the start: the next run begins with those that were left.
# A volume that is not connected, not UpToDate on both mirrors, or being compared already, is left out, and it says so.
# Exit codes: 0 all that was compared is equal, 1 a copy differs, or a comparison did not end, 2 usage, 3 refused (a
# VOLUME that is not configured here).
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/replication/lib/drbd-state.sh"
. "$here/replication/lib/verified.sh"

for volume; do name_or_usage "$volume"; done
latest_begin=$((SECONDS + 6 * 3600))
poll=${KVM_MIRROR_VERIFY_POLL:-2}
# One run at a time: two volumes at once would take twice as much from clients.
take_lock verify 1

# ours VOLUME: by the state last read, this mirror is to begin. Both have a timer, for the same time.
ours() {
  local line named='^[[:space:]]*on[[:space:]]+"?([A-Za-z0-9._-]+)"?[[:space:]]*\{'
  # shellcheck disable=SC2154  # set by state_of
  case $role/$peer_role in
    Secondary/Primary) return 0 ;;
    Secondary/Secondary) ;;
    *) return 1 ;;
  esac
  while read -r line; do
    if [[ $line =~ $named ]]; then
      [[ ${BASH_REMATCH[1]} == "$(uname -n)" ]]
      return
    fi
  done <"/etc/drbd.d/$1.res"
  return 1
}

# last_of VOLUME: sets moment and differing to what is on record of it; 0 and 0 when nothing is.
last_of() {
  moment=0 differing=0
  { read -r moment differing <"$record_dir/$1.verified"; } 2>/dev/null || true
}

# recorded: called by wait_for. The journal is read once for all volumes: of others the peer may have begun comparisons.
# shellcheck disable=SC2317
recorded() {
  record_verifies "${configured[@]}" && last_of "$volume"
  ((moment >= began))
}

# compare VOLUME MINOR: 1 when they differ, or when it did not come to its end.
compare() {
  local volume=$1 minor=$2 began=$EPOCHSECONDS moment=0 differing=0
  drbdadm verify "$volume" >&2 </dev/null || {
    say "volume $volume: the comparison did not begin; drbdadm's error message is above"
    return 1
  }
  say "volume $volume: comparing its copies"
  read_state "$minor"
  while [[ $cs == Verify? ]]; do
    pause "$poll"
    read_state "$minor"
  done
  # What the kernel logs takes a moment to be in the journal; of a peer that was lost it has nothing.
  wait_for "$(if whole; then printf 10; else printf 0; fi)" recorded || {
    say "volume $volume: the comparison did not come to its end ($(seen)). The next one begins anew"
    return 1
  }
  if ((differing > 0)); then
    say "volume $volume: $differing bytes differ between the copies. See kvm-mirror recover $volume"
    return 1
  fi
  say "volume $volume: its copies are equal, after $((EPOCHSECONDS - began)) s"
}

declare -A minor_of_volume=()
configured=()
while read -r volume minor; do
  minor_of_volume[$volume]=$minor
  configured+=("$volume" "$minor")
done < <(volumes_and_minors)
for volume; do
  [[ -n ${minor_of_volume[$volume]:-} ]] || refuse "volume $volume is not configured on this mirror (/etc/drbd.d)"
done
in_order=("$@")
if (($# == 0)); then
  mapfile -t in_order < <(for volume in "${!minor_of_volume[@]}"; do
    last_of "$volume"
    printf '%s %s\n' "$moment" "$volume"
  done | sort -k 1,1n -k 2,2 | cut -d ' ' -f 2)
fi
status=0
for volume in "${in_order[@]}"; do
  minor=${minor_of_volume[$volume]}
  read_state "$minor"
  if (($# == 0)) && ! ours "$volume"; then continue; fi
  if ! whole; then
    say "volume $volume is left out: $(seen)"
  elif ((SECONDS >= latest_begin)); then
    say "volume $volume is left for the next time: six hours are over"
  else
    compare "$volume" "$minor" || status=1
  fi
done
exit "$status"
