# shellcheck shell=bash
# Waiting for states.

# wait_for SECONDS COMMAND...: runs COMMAND every `poll` seconds (0.5) until it succeeds; 1 when the time is up.
# The caller says what was seen instead.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep "${poll:-0.5}"
  done
}
