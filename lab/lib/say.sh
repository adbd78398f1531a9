# shellcheck shell=bash
# Messages of the lab's scripts, and their usage.

program=${0##*/}

# say MESSAGE…: its words, joined by blanks, as one line on stderr.
say() { printf '%s: %s\n' "$program" "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

# usage: the calling script's own first comment block on stdout, and the end of the script.
usage() {
  sed -n '2,/^[^#]/{/^#/{s/^# \{0,1\}//;p}}' "$0"
  exit 0
}
