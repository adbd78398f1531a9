# shellcheck shell=bash
# One script at a time per volume or group: the remote half of an operator's broken ssh may still run.

readonly lock_dir=/run/kvm-mirror/lock

# take_lock NAME SECONDS: holds the lock until release_lock or the script's end.
take_lock() {
  mkdir -p "$lock_dir"
  exec 9>>"$lock_dir/$1"
  flock -w "$2" 9 || fail "another script has been working on $1 for $2 s. See which: fuser -v $lock_dir/$1"
}

release_lock() { exec 9>&-; }
