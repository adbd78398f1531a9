#!/usr/bin/env bash
# watch-peer.sh [--once], for kvm-mirror-watch-peer.service (manual failover)
#
# Carries on what fence-peer.sh began when a peer was lost. Every 2 s, a sign of life on the marks disk, and for every
# volume:
#   - Since when the peer has not been heard is kept in /run/kvm-mirror/lost/VOLUME (seconds since 1970). `failover` and
#     `status` name it.
#   - A Primary that went on alone asks the peer, every 10 s, until the peer has marked its disk as outdated or is
#     connected again.
#   - A Primary that stands still, because it could neither ask nor leave its mark, tries again. It goes on when one of
#     them succeeds.
#   - The mark is removed when both copies are connected and UpToDate.
#   - After each reconnect, and when it starts, the path to the peer is probed with full packets. If it does not carry
#     them, the connection will hang: it says so (journalctl -u kvm-mirror-watch-peer).
# With --once it looks once, for tests. It ends when other scripts have been installed in place of these; systemd starts
# the new one.
# Exit codes: 0 it ended so, 1 failed, 2 usage.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/replication/lib/drbd-state.sh"
. "$here/replication/lib/peer.sh"
. "$here/replication/lib/marks.sh"
. "$here/replication/lib/may-go-on.sh"
. "$here/replication/lib/lost.sh"
. "$here/replication/lib/path.sh"

[[ $# == 0 || ($# == 1 && $1 == --once) ]] || usage
self=$(readlink -f "$0")
declare -A minor=() settled=() asked=() reached=()

# settle VOLUME: removes the mark, unless the peer was lost again meanwhile: fence-peer.sh waits for the lock, and then
# leaves a new one.
settle() {
  lock_marks "$1" || return 0
  read_state "${minor[$1]}"
  if whole; then
    if [[ -n $(mark_of "$1" "${minor[$1]}") ]]; then
      clear_mark "$1" "${minor[$1]}" && say "volume $1 is whole again: its mark is gone"
    fi
    settled[$1]=yes
  fi
  unlock_marks
}

# tell_of_path: says so when the path to the peer does not carry full packets.
tell_of_path() {
  local peer from to interface mtu
  read -r peer from to < <(replication_path) || return 0
  interface=$(interface_of "$from")
  [[ -n $interface ]] || return 0
  mtu=$(mtu_of "$interface")
  probe "$from" "$to" "$mtu"
  [[ -z $carries || $carries == "$mtu" ]] || say "$(path_trouble "$interface" "$peer" "$to" "$mtu" "$carries")"
}

# try_again VOLUME: for a Primary that stands still.
try_again() {
  local answer=0
  lock_marks "$1" || return 0
  may_go_on "$1" "${minor[$1]}" "$(<"$frozen_dir/$1")" || answer=$?
  case $answer in
    3 | 4 | 5)
      drbdadm resume-io "$1" >&2 || say "volume $1 does not go on; drbdadm's error message is above"
      rm -f "$frozen_dir/$1"
      ;;
  esac
  unlock_marks
}

# tell_peer VOLUME: it has gone on alone, and the peer does not know yet.
tell_peer() {
  local answer=0
  [[ -n $(mark_of "$1" "${minor[$1]}") ]] || return 0
  ask_peer "$(<"$peer_dir/name")" "$1" || answer=$?
  case $answer in
    3 | 4 | 6)
      say "volume $1: the peer answers $answer"
      asked[$1]=told
      ;;
    *) asked[$1]=$SECONDS ;;
  esac
}

look_at() {
  local volume=$1
  [[ -n ${minor[$volume]:-} ]] || minor[$volume]=$(minor_of "$volume")
  read_state "${minor[$volume]}"
  # shellcheck disable=SC2154  # set by read_state
  if connected; then
    if [[ -z ${reached[$volume]:-} ]]; then
      reached[$volume]=yes path_due=yes
    fi
    found_again "$volume"
    rm -f "$frozen_dir/$volume"
    asked[$volume]=
    if ! whole; then settled[$volume]=; elif [[ -z ${settled[$volume]:-} ]]; then settle "$volume"; fi
    return
  fi
  settled[$volume]='' reached[$volume]=''
  [[ $cs != Unconfigured ]] || return 0
  remember_lost "$volume"
  [[ $role == Primary ]] || return 0
  if [[ -e $frozen_dir/$volume ]]; then
    if [[ $disk == UpToDate ]]; then try_again "$volume"; fi
  elif [[ ${asked[$volume]:-} != told ]] && ((SECONDS - ${asked[$volume]:--10} >= 10)); then
    tell_peer "$volume"
  fi
}

# at_work PID: something that was begun in the background; none was: 1.
at_work() { [[ -n $1 ]] && kill -0 "$1" 2>/dev/null; }

# live: in the background, one at a time: a marks disk that hangs must not keep the volumes waiting. Says once when no
# sign of life can be left.
living='' lifeless=/run/kvm-mirror/lifeless
live() {
  if at_work "$living"; then return; fi
  {
    if sign_of_life 2>/dev/null; then
      rm -f "$lifeless"
    elif [[ ! -e $lifeless ]]; then
      make_directory "${lifeless%/*}"
      : >"$lifeless"
      say "no sign of life can be left on $marks_device: a failover from this mirror will ask whether it was moved"
    fi
  } &
  living=$!
}

path_due=no probing=''
while [[ $(readlink -f "$0") == "$self" ]]; do
  live
  for file in /etc/drbd.d/*.res; do
    if [[ -e $file ]]; then file=${file##*/} && look_at "${file%.res}"; fi
  done
  # In the background: it may take seconds, and nothing else here may wait for it.
  if [[ $path_due == yes ]] && ! at_work "$probing"; then
    path_due=no
    tell_of_path &
    probing=$!
  fi
  if [[ $# != 0 ]]; then
    wait
    exit 0
  fi
  sleep 2
done
