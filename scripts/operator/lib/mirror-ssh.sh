# shellcheck shell=bash
# ssh to a mirror whose host key is pinned. The operator's own agent, configuration and jump hosts apply.

program=${0##*/}
# The scripts read what other programs print, so every program speaks one language, whatever the operator's is.
export LC_ALL=C
# shellcheck source=leash.sh
. "$(dirname "${BASH_SOURCE[0]}")/leash.sh"
# shellcheck source=ssh-options.sh
. "$(dirname "${BASH_SOURCE[0]}")/ssh-options.sh"
# shellcheck source=share-connection.sh
. "$(dirname "${BASH_SOURCE[0]}")/share-connection.sh"
# No failure is silent: a command that ends a script says so itself.
set -E
trap 'say "line $LINENO of ${BASH_SOURCE[0]##*/} failed: ${BASH_COMMAND%%$'"'\\n'"'*}"' ERR

# say MESSAGE...: its words, joined by blanks, as one line on stderr.
say() { printf '%s: %s\n' "$program" "$*" >&2; }

# fail MESSAGE...: an error, or a deadline that passed.
fail() {
  say "$*"
  exit 1
}

# usage: the calling script's own first comment block.
usage() {
  sed -n '2,/^[^#]/{/^#/{s/^# \{0,1\}//;p}}' "$0" >&2
  exit 2
}

# quote WORD...: each as one word of any POSIX shell.
quote() {
  local word
  for word in "$@"; do printf "'%s' " "${word//\'/\'\\\'\'}"; done
}

# guest SCRIPT ARGUMENT...: the command that runs one of the installed scripts/guest as root on a mirror.
guest() { printf 'sudo -n /usr/local/lib/kvm-mirror/%s' "$(quote "$@")"; }

# target_or_usage TARGET HOSTKEY: `user@address` and `ssh-ed25519 AAAA…`.
target_or_usage() {
  [[ $1 =~ ^[a-z_][a-z0-9_-]*@[A-Za-z0-9.:-]+$ ]] || usage
  [[ $2 =~ ^ssh-ed25519\ [A-Za-z0-9+/=]+$ ]] || usage
}

# What a login's own start files (.bashrc) print comes before this line. It is not part of a command's output, which
# programs read.
readonly output_mark='kvm-mirror: output'
# marked COMMAND: prints that line first. after_mark: passes on what follows that line on stdin.
marked() { printf "printf '\\\\n%%s\\\\n' '%s'; %s" "$output_mark" "$1"; }
after_mark() { sed -u "0,/^$output_mark\$/d"; }

# mirror_options HOSTKEY: sets options. The key comes from KnownHostsCommand, so nothing is trusted on first use and no
# file is left behind.
mirror_options() {
  options=(-o StrictHostKeyChecking=yes -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null
    -o UpdateHostKeys=no -o HostKeyAlgorithms=ssh-ed25519 -o "KnownHostsCommand=/bin/echo %H $1" -o LogLevel=ERROR)
}

# another_key MESSAGES: by ssh's messages, the machine shows another host key than the pinned one.
another_key() {
  [[ $1 == *'Host key verification failed'* || $1 == *'HOST IDENTIFICATION HAS CHANGED'* ]]
}

# mirror_ssh TARGET HOSTKEY COMMAND
mirror_ssh() {
  local options
  mirror_options "$2"
  run_ssh "$1" "$(marked "$3")" "${options[@]}" | after_mark
}
