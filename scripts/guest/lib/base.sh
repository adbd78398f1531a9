# shellcheck shell=bash
# What every script here stands on, loaded before anything else: messages and exit codes, waiting for states, one script
# at a time, files that are whole or absent. What only some of them need is in the other libraries, and loaded by them.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused (nothing was changed).

program=${0##*/}

# The folder of all rooms, whichever name this script was called by: `. "$here/ROOM/lib/NAME.sh"` loads a library.
cd -P "${BASH_SOURCE[0]%/*}/.." >/dev/null || exit 1
# shellcheck disable=SC2034  # for the scripts that load this
here=$PWD
# Back, without a process for it. A folder that is gone, or was none of ours, is no place to go back to.
cd "$OLDPWD" >/dev/null 2>&1 || true

# The scripts read what other programs print, so every program speaks one language, whatever this machine's is.
export LC_ALL=C

# A failover must not need room on a disk. So small files, and bash's own for long texts, are in memory. What may be
# large names its place.
if { [[ -d /run/kvm-mirror ]] || mkdir -p /run/kvm-mirror 2>/dev/null; } && [[ -w /run/kvm-mirror ]]; then
  export TMPDIR=/run/kvm-mirror
fi

# An operator's ssh that breaks must not stop a switch half way: messages are lost then, and the work goes on.
trap '' PIPE

# No failure is silent: a command that ends a script says so itself.
set -E
trap 'say "line $LINENO of ${BASH_SOURCE[0]##*/} failed: $BASH_COMMAND"' ERR

# say MESSAGE...: its words, joined by blanks, as one line on stderr.
say() { printf '%s: %s\n' "$program" "$*" >&2 || true; }

# fail MESSAGE...: an error, or a deadline that passed.
fail() {
  say "$*"
  exit 1
}

# refuse MESSAGE...: nothing was changed. The message names what was seen, what was expected, and the way out.
refuse() {
  say "refused: $*"
  exit 3
}

# usage: the calling script's own first comment block.
usage() {
  sed -n '2,/^[^#]/{/^#/{s/^# \{0,1\}//;p}}' "$0" >&2
  exit 2
}

# name_or_usage NAME: names are the ones that DRBD, libvirt and file names all take.
name_or_usage() {
  [[ ${1:-} =~ ^[a-zA-Z0-9][a-zA-Z0-9_-]*$ ]] || usage
}

# make_directory PATH: mkdir -p, which is not started for one that is there.
make_directory() { [[ -d $1 ]] || mkdir -p "$1"; }

# pause SECONDS: without a process, but for the first one.
pause() {
  # A pipe that never says anything.
  [[ -n ${silent_pipe:-} ]] || exec {silent_pipe}<> <(:)
  read -r -t "$1" -u "$silent_pipe" _ || true
}

# wait_for SECONDS COMMAND...: runs COMMAND every `poll` seconds (0.5) until it succeeds; 1 when the time is up.
# The caller says what was seen instead.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    pause "${poll:-0.5}"
  done
}

# One script at a time per volume or group: the remote half of an operator's broken ssh may still run.
readonly lock_dir=/run/kvm-mirror/lock

# take_lock NAME SECONDS: holds the lock until release_lock or the script's end.
take_lock() {
  make_directory "$lock_dir"
  exec 9>>"$lock_dir/$1"
  flock -w "$2" 9 || fail "another script has been working on $1 for $2 s. See which: fuser -v $lock_dir/$1"
}

release_lock() { exec 9>&-; }

# Records of what was done to volumes on this mirror: VOLUME.new, .exported, .preloading, .preloaded, .metadata, .disk,
# .first-sync; lvm/group, lvm/disk, zfs/pool, zfs/disk: of its volume group and its ZFS pool
# shellcheck disable=SC2034  # for the scripts that source this file
readonly record_dir=/var/lib/kvm-mirror

# write_durably PATH MODE: stdin becomes PATH by rename, on disk when this returns.
write_durably() {
  local path=$1 mode=$2 temporary
  make_directory "${path%/*}" && temporary=$(mktemp "${path%/*}/.${path##*/}.XXXXXX") || return 1
  if ! { cat >"$temporary" && chmod "$mode" "$temporary" && sync "$temporary" && mv -T "$temporary" "$path"; }; then
    rm -f "$temporary"
    return 1
  fi
  sync "${path%/*}"
}
