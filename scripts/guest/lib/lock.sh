# shellcheck shell=bash
# One script at a time per volume or group: the remote half of an operator's broken ssh may still be at work.

readonly lock_dir=/run/kvm-mirror/lock

# take_lock NAME SECONDS: holds the lock until release_lock or the script's end.
take_lock() {
  mkdir -p "$lock_dir"
  exec 9>>"$lock_dir/$1"
  flock -w "$2" 9 || fail "another script is still at work on $1 after $2 s (see: fuser -v $lock_dir/$1)"
}

release_lock() { exec 9>&-; }
