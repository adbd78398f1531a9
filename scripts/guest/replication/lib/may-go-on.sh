# shellcheck shell=bash
# Whether a Primary that has lost its peer may go on. Needs marks.sh and peer.sh.

# A volume has a file here while its Primary stands still, because it could neither ask its peer nor leave a mark.
# watch-peer.sh tries again.
# shellcheck disable=SC2034  # for the scripts that source this file
readonly frozen_dir=/run/kvm-mirror/frozen

# may_go_on VOLUME MINOR PEER: DRBD's fence-peer code for a Primary: 3, 4 or 6 as the peer answers; 5 when the peer
# cannot be reached and the mark is left; 1 when neither is so: it stands still. With 3 and 4 a mark is left, too, where
# that can be: should the disk here fail later, DRBD 8.4 calls the peer's outdated copy UpToDate as soon as it is
# connected to this mirror without a disk (sanitize_state in drbd_state.c), and only the mark tells.
# shellcheck disable=SC2154  # marks_device: marks.sh
may_go_on() {
  local answer=0
  ask_peer "$3" "$1" || answer=$?
  case $answer in
    3 | 4)
      say "volume $1: $3 answers $answer"
      leave_mark "$1" "$2" \
        || say "volume $1: no mark can be left on $marks_device. Going on: $3 knows that its copy is old"
      return "$answer"
      ;;
    6)
      say "volume $1: $3 answers $answer"
      return "$answer"
      ;;
  esac
  if leave_mark "$1" "$2"; then
    say "volume $1: $3 cannot be reached in any network. Going on alone; the mark is left"
    return 5
  fi
  say "volume $1: $3 cannot be reached in any network, and no mark can be left on the marks disk. Standing still"
  return 1
}
