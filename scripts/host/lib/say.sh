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

# usage: the calling script's own first comment block.
usage() {
  sed -n '2,/^[^#]/{/^#/{s/^# \{0,1\}//;p}}' "$0" >&2
  exit 2
}
