# shellcheck shell=bash
# Messages and exit codes of the scripts for KVM hosts: 0 done, 1 failed, 2 usage, 3 refused (nothing was changed).

program=${0##*/}

# Words of other programs are read as facts: every program speaks one language, whatever this machine's is.
export LC_ALL=C

# No failure is silent: a command that ends a script says so itself.
set -E
trap 'say "line $LINENO of ${BASH_SOURCE[0]##*/} failed: $BASH_COMMAND"' ERR

say() { printf '%s: %s\n' "$program" "$*" >&2; }
fail() {
  say "$*"
  exit 1
}
refuse() {
  say "refused: $*"
  exit 3
}

# usage: the calling script's own first comment block.
usage() {
  sed -n '2,/^[^#]/{/^#/{s/^# \{0,1\}//;p}}' "$0" >&2
  exit 2
}
