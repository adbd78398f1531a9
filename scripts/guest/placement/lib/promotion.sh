# shellcheck shell=bash
# Whether this mirror may become the primary of a group. Needs drbd-state.sh (minors) and group.sh.
# shellcheck disable=SC2154  # set there

# obstructed TEXT [REST]: sets obstacle to TEXT, the state last read, and REST. No process: the scripts look again every
# 50 ms while clients wait.
obstructed() {
  local words
  state_words
  obstacle=$1$words${2:-}
}

# synchronised: every volume is connected and UpToDate on both mirrors, or the peer, a Primary that has lost its disk,
# works on the copy here. Otherwise 1, with the first reason in $obstacle.
# shellcheck disable=SC2034,SC2154
synchronised() {
  local volume
  obstacle=
  read_states
  for volume in $VOLUMES; do
    state_of "${minors[$volume]}"
    connected && { both_up_to_date || [[ $disk/$peer_role/$peer_disk == UpToDate/Primary/Diskless ]]; } \
      || [[ -n $obstacle ]] || obstructed "volume $volume is not UpToDate on both mirrors: "
  done
  [[ -z $obstacle ]]
}

# none_connected: every volume has lost its peer.
none_connected() {
  local volume
  read_states
  for volume in $VOLUMES; do
    state_of "${minors[$volume]}"
    if connected; then return 1; fi
  done
}

# all_primary: every volume is Primary here.
all_primary() {
  local volume
  read_states
  for volume in $VOLUMES; do
    state_of "${minors[$volume]}"
    # shellcheck disable=SC2154  # set by state_of
    [[ $role == Primary ]] || return 1
  done
}

# all_promotable MODE: 1 with the first reason in $obstacle. Sets $peer_is_primary and $peer_answers. The peer must
# answer, because only it can say that it is not Primary; in MODE --peer-fenced, --peer-said-off, --last-copy and
# --stale-copy it is off, and must not answer. MODE --boot wants the peer's disk UpToDate, too. --last-copy accepts a
# disk here that is Consistent, --stale-copy one that is Outdated as well.
# shellcheck disable=SC2034,SC2154  # read by the caller; set by state_of
all_promotable() {
  local volume
  obstacle='' peer_is_primary=no peer_answers=yes
  read_states
  for volume in $VOLUMES; do
    state_of "${minors[$volume]}"
    if [[ $peer_role == Primary ]]; then
      peer_is_primary=yes
      obstructed "volume $volume is Primary on the peer (" "). Stop the group there first: group-stop.sh"
      return 1
    fi
    if [[ $role == Primary ]]; then
      # Without good data here, or at a peer that answers, there is nothing to serve.
      [[ $disk == UpToDate ]] || { connected && [[ $peer_disk == UpToDate ]]; } \
        || obstructed "volume $volume is Primary here, but without good data: "
      continue
    fi
    if ! connected; then
      peer_answers=no
      if [[ ! $1 =~ ^--(peer-fenced|peer-said-off|last-copy|stale-copy)$ ]]; then
        obstructed "the peer of volume $volume cannot be asked whether it is Primary: "
      elif [[ $disk != UpToDate && ! $1/$disk =~ ^(--(last|stale)-copy/Consistent|--stale-copy/Outdated)$ ]]; then
        obstructed "volume $volume is not known to be UpToDate here, so acknowledged writes may be missing: "
      fi
    elif [[ $disk != UpToDate ]]; then
      obstructed "volume $volume is not UpToDate here: "
    elif [[ $1 == --with-peer && $peer_disk == Diskless ]]; then
      # DRBD 8.4 cannot compare generations with a peer without a disk, and calls an Outdated copy UpToDate then.
      obstructed "the peer of volume $volume has no disk, and what it lost may be newer than the copy here: "
    elif [[ $1 == --boot && $peer_disk != UpToDate ]]; then
      obstructed "the peer of volume $volume is not UpToDate: "
    fi
  done
  [[ -z $obstacle ]]
}
