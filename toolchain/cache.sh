# shellcheck shell=bash
# Functions for the scripts that fill the per-user cache. Set SCRIPT to the name that messages carry, then source it.

# Prints the cache directory of this project.
cache_root() {
  printf '%s/kvm-mirror\n' "${XDG_CACHE_HOME:-$HOME/.cache}"
}

say() {
  printf '%s: %s\n' "$SCRIPT" "$*" >&2
}

# Prints a short hash over the names and contents of the given files and over the text on stdin. Paths are relative to
# BASE, so that two clones give the same hash.
#   content_key BASE FILE... <extra
content_key() {
  local base=$1
  shift
  {
    cat
    (cd "$base" && printf '%s\0' "$@" | LC_ALL=C sort -z | xargs -0 sha256sum --)
  } | sha256sum | cut -c1-16
}

# Runs a command with its output in LOG. While it runs, says every 20 s how long it has taken, with the output of
# PROGRESS (a command that prints one line, or ""). If it fails, shows the end of the log and names it. The command gets
# a process group of its own, which ends with this shell.
#   logged LOG WHAT PROGRESS COMMAND...
logged() {
  local log=$1 what=$2 progress=$3 started=$SECONDS job ticker status=0
  shift 3
  say "$what (log: $log)"
  set -m
  "$@" >"$log" 2>&1 </dev/null &
  job=$!
  set +m
  # The sleep holds none of our pipes open when its loop has been killed.
  while sleep 20 >/dev/null 2>&1; do
    say "$what: $((SECONDS - started)) s${progress:+, $($progress)}"
  done &
  ticker=$!
  # shellcheck disable=SC2064 # the ids of now
  trap "kill -- -$job $ticker 2>/dev/null || true; exit 130" INT TERM HUP
  wait "$job" || status=$?
  trap - INT TERM HUP
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  if [ "$status" -ne 0 ]; then
    tail -n 20 "$log" >&2
    say "$what failed with status $status after $((SECONDS - started)) s. The whole log: $log"
    return "$status"
  fi
  say "$what: done in $((SECONDS - started)) s"
}

# Makes directory DEST: runs BUILD with a temporary directory as its last argument, and renames that to DEST. Nothing is
# done when DEST is there. Of several callers at a time one builds and the others wait.
#   build_once DEST BUILD ARG...
build_once() {
  local dest=$1
  shift
  [ ! -d "$dest" ] || return 0
  mkdir -p "$(dirname "$dest")"
  (
    exec 9>"$dest.lock"
    if ! flock --nonblock 9; then
      say "waiting for another process that is making $dest"
      flock 9
    fi
    [ ! -d "$dest" ] || exit 0
    rm -rf "$dest".partial-*
    partial=$dest.partial-$$
    trap 'rm -rf "$partial"' EXIT
    mkdir "$partial"
    "$@" "$partial" 9>&-
    mv --no-target-directory "$partial" "$dest"
  )
}
