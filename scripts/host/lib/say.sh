# shellcheck shell=bash
# Messages and exit codes of the scripts for KVM hosts: 0 done, 1 failed, 2 usage, 3 refused (nothing was changed).

program=${0##*/}

# The scripts read what other programs print, so every program speaks one language, whatever this machine's is.
export LC_ALL=C

# No failure is silent: a command that ends a script says so itself.
set -E
trap 'say "line $LINENO of ${BASH_SOURCE[0]##*/} failed: $BASH_COMMAND"' ERR

# say MESSAGE...: its words, joined by blanks, as one line on stderr.
say() { printf '%s: %s\n' "$program" "$*" >&2; }

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

# A libvirt that hangs is one that failed: nobody waits for it for ever. Whoever cannot wait so long has a time of its
# own (`timeout 20 virsh …`). In this script's process group, so that its end ends virsh as well.
virsh() {
  local seconds=${KVM_MIRROR_VIRSH_DEADLINE:-120} status=0
  timeout --foreground "$seconds" virsh "$@" || status=$?
  ((status != 124)) || say "libvirt did not answer within $seconds s: virsh $*"
  return "$status"
}

# usage: the calling script's own first comment block.
usage() {
  sed -n '2,/^[^#]/{/^#/{s/^# \{0,1\}//;p}}' "$0" >&2
  exit 2
}
