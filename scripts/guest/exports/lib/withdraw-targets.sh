# shellcheck shell=bash
# Takes a group's targets out of tgtd, with as few programs as possible: clients wait. For iscsi.sh, with targets.sh.
# shellcheck disable=SC2034,SC2154  # known_inode; set there

# know_targets GROUP: for withdraw_targets, while clients are still served. What is not known by name is found by its
# device.
know_targets() {
  find_targets "$1" || targets=()
  read_tgtd || true
}

# withdraw_targets GROUP DEVICE...: no new sessions, none left, none of the devices open, by targets of an earlier file
# neither. A command of a client that still runs keeps its target for a moment: up to 10 s. For callers under set -e.
withdraw_targets() {
  local complaint='' end=$((SECONDS + 10))
  if ! knows_tgtd; then find_targets "$1" || targets=(); fi
  shift
  until take_targets "$@"; do
    if ((SECONDS >= end)); then
      say "tgtd does not let go of targets: $complaint"
      return 1
    fi
    pause 0.05
  done
}

# take_targets DEVICE...: tries once; 1 with what tgtd said in complaint.
take_targets() {
  local iqn device connection gone=()
  if listening "$ISCSI_PORT"; then gone+=("delete --mode portal --param portal=$VIP:$ISCSI_PORT"); fi
  complaint='it does not answer'
  if ! knows_tgtd; then read_tgtd || return 1; fi
  known_inode=none
  for iqn in "${!tid_of[@]}"; do
    is_ours "$iqn" "$@" || continue
    for connection in ${connections[$iqn]}; do
      gone+=("delete --mode conn --tid ${tid_of[$iqn]} --sid ${connection%:*} --cid ${connection#*:}")
    done
    gone+=("delete --mode target --tid ${tid_of[$iqn]}")
  done
  complaint=$(in_tgtd "${gone[@]}" 2>&1)
}

# is_ours IQN DEVICE...: one of the targets, or one that has one of the devices open.
is_ours() {
  local line device
  for line in "${targets[@]}"; do if [[ ${line%% *} == "$1" ]]; then return 0; fi; done
  for device in "${@:2}"; do if [[ " ${stores[$1]}" == *" $device "* ]]; then return 0; fi; done
  return 1
}
