# shellcheck shell=bash
# Marks: what a mirror writes before it goes on without its peer. They are on its marks disk, a small disk in the pool
# of its own KVM host. The host reads them (scripts/host/mirror-evidence.sh) also while the mirror is off, or no network
# works. A mirror without a mark for a volume has acknowledged no write to it alone: its peer's copy is equal. Blocks of
# 4 KiB: the first names the disk; block MINOR + 1 belongs to that volume: "alone VOLUME EPOCH", or zeros. The last one
# is a sign of life, "alive EPOCH": the disk that is left behind where the mirror was moved away has an old one.

readonly marks_device=/dev/disk/by-id/virtio-kvm-mirror.marks
readonly marks_header='kvm-mirror marks 1'
# The last block of the disk (src/plan/machines: its size).
readonly alive_block=511

# take_block NUMBER: sets block to its text without the zeros, read past the page cache; 1 when it cannot be read.
# Clients stand still meanwhile, so this is one process.
take_block() {
  block=
  [[ -b $marks_device ]] || return 1
  # bash leaves the zeros out, and says so.
  { block=$(exec dd if="$marks_device" bs=4096 count=1 skip="$1" iflag=direct status=none); } 2>/dev/null || return 1
}

# write_block NUMBER TEXT: on the KVM host's disk when this returns 0. dd fills the block up with zeros (conv=sync).
write_block() {
  [[ -b $marks_device ]] || return 1
  dd of="$marks_device" bs=4096 count=1 seek="$1" iflag=fullblock oflag=direct conv=sync,notrunc,fsync \
    status=none <<<"$2"
}

# sign_of_life: for the KVM host, which tells by it the disks in use from some that were left behind.
sign_of_life() {
  local header
  { read -r header <"$marks_device"; } 2>/dev/null && [[ $header == "$marks_header" ]] \
    && write_block "$alive_block" "alive $EPOCHSECONDS"
}

# marks_ready: this mirror has its marks disk.
marks_ready() {
  local block
  take_block 0 && [[ $block == "$marks_header" ]]
}

# prepare_marks: names an empty marks disk; refuses one that carries something else.
prepare_marks() {
  local block
  take_block 0 || refuse "this mirror has no marks disk ($marks_device): its domain was changed while it" \
    "ran. Restart the mirror once: kvm-mirror maintain $(uname -n); then shut it down and start it"
  [[ $block != "$marks_header" ]] || return 0
  [[ -z ${block//[[:space:]]/} ]] \
    || refuse "$marks_device carries something that is not a mark: ${block:0:40}. Nothing was written"
  write_block 0 "$marks_header" || fail "the marks disk $marks_device cannot be written; dd's error message is above"
}

# lock_marks VOLUME: one process at a time decides whether a volume goes on alone, or is whole again. Held until the
# script's end, or until unlock_marks.
lock_marks() {
  make_directory /run/kvm-mirror/lock
  exec 8>>"/run/kvm-mirror/lock/alone-$1"
  flock -w 20 8
}
unlock_marks() { exec 8>&-; }

# take_mark VOLUME MINOR: sets since: since when it has gone on alone, in seconds since 1970; empty when it has not. 1
# when the disk cannot be read.
take_mark() {
  local block word volume
  since=
  take_block "$(($2 + 1))" || return 1
  read -r word volume since <<<"$block"
  [[ $word == alone && $volume == "$1" ]] || since=
}

# mark_of VOLUME MINOR: prints it.
mark_of() {
  local since
  take_mark "$1" "$2" || return 1
  [[ -z $since ]] || printf '%s\n' "$since"
}

# find_marks: sets marks["MINOR VOLUME"] to since when it has gone on alone, for all volumes at once. 1 when the disk
# cannot be read.
declare -A marks=()
# shellcheck disable=SC2034  # the result
find_marks() {
  local at volume since
  marks=()
  [[ -b $marks_device ]] || return 1
  while IFS=': ' read -r at _ volume since; do
    if ((at % 4096 == 0)); then marks["$((at / 4096 - 1)) $volume"]=$since; fi
  done < <(dd if="$marks_device" bs=1M iflag=direct status=none 2>/dev/null \
    | grep -abo 'alone [a-zA-Z0-9][a-zA-Z0-9_-]* [0-9][0-9]*' || true)
}

# leave_mark VOLUME MINOR: marks that it goes on alone. 0 only when a mark is on disk.
leave_mark() {
  local since
  marks_ready || return 1
  take_mark "$1" "$2" || return 1
  [[ -z $since ]] || return 0
  write_block "$(($2 + 1))" "alone $1 $EPOCHSECONDS" && take_mark "$1" "$2" && [[ -n $since ]]
}

# clear_mark VOLUME MINOR: both copies are whole again.
clear_mark() { write_block "$(($2 + 1))" ''; }

# alone_since VOLUME MINOR: mark_of, while it counts: not of a volume that is whole by the state last read, nor under a
# cluster, which fences instead. Needs drbd-state.sh and cluster.sh.
alone_since() { whole || under_cluster || mark_of "$1" "$2"; }
