# shellcheck shell=bash
# Messages and exit codes of the scripts for KVM hosts: 0 done, 1 failed, 2 usage, 3 refused (nothing was changed).

program=${0##*/}

say() { printf '%s: %s\n' "$program" "$*" >&2; }
fail() { say "$*"; exit 1; }
refuse() { say "refused: $*"; exit 3; }

# usage: the calling script's own first comment block.
usage() {
  sed -n '2,/^[^#]/{/^#/{s/^# \{0,1\}//;p}}' "$0" >&2
  exit 2
}
