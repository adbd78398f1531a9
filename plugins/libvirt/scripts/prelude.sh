#!/usr/bin/env bash
# The beginning of every script of this folder. They are sent to the KVM host with each call and run there by `bash -c`,
# in a process group of their own.
# Standard input: DOCUMENT_BYTES bytes for the script, then nothing until the caller is gone: its end ends the group.
# Standard error: messages; the last line is what the user sees. Lines `status: …` report progress.
set -euo pipefail
shopt -s inherit_errexit
umask 077
# The scripts read what virsh prints, so virsh speaks one language.
export LC_ALL=C

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}
status() { printf 'status: %s\n' "$*" >&2; }

need() { # COMMAND PACKAGE
  command -v "$1" >/dev/null || fail "$1 is missing on this host: install the package $2 (names as in Debian and" \
    "Ubuntu)"
}
need virsh libvirt-clients

document=$(head -c "${DOCUMENT_BYTES:-0}")
document() { printf '%s\n' "$document"; }

exec 3<&0 </dev/null
{
  while read -r -u 3; do :; done
  kill -TERM 0
} >/dev/null 2>&1 &
leash=$!
disown "$leash"

undo=()
on_exit() {
  local step
  set +e
  # The leash waits for input: only the last signal ends it without a word.
  kill -KILL "$leash" 2>/dev/null || true
  for step in "${undo[@]}"; do rm -rf -- "$step"; done
}
trap on_exit EXIT
trap 'exit 143' TERM INT HUP
# When the connection is gone, so is whoever reads our messages: that must not keep us from cleaning up.
trap : PIPE

# A libvirt that hangs is one that failed. Less than the deadline of a whole script (host/outcome.ts), which does not
# say what it waited for. In this script's own process group, so that its end ends virsh as well.
virsh() {
  local seconds=${VIRSH_DEADLINE:-90} status=0
  timeout --foreground "$seconds" virsh "$@" || status=$?
  ((status != 124)) || say "libvirt did not answer within $seconds s: virsh $*"
  return "$status"
}

# Whether libvirt lists an object of that name. A connection that fails is an error,
# not a "no": hence the exit, also where errors are not fatal.
listed() { # NAME LIST-COMMAND...   for example: listed app-1 list --all
  local names
  names=$(virsh "${@:2}" --name) || exit 1
  grep -Fxq -- "$1" <<<"$names"
}
