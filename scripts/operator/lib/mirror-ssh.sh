# shellcheck shell=bash
# ssh to a mirror whose host key is pinned. The operator's own agent, configuration and jump hosts apply.

program=${0##*/}
# Words of other programs are read as facts: every program speaks one language, whatever the operator's is.
export LC_ALL=C
# shellcheck source=ssh-options.sh
. "$(dirname "${BASH_SOURCE[0]}")/ssh-options.sh"
# No failure is silent: a command that ends a script says so itself.
set -E
trap 'say "line $LINENO of ${BASH_SOURCE[0]##*/} failed: ${BASH_COMMAND%%$'"'\\n'"'*}"' ERR

say() { printf '%s: %s\n' "$program" "$*" >&2; }
fail() { say "$*"; exit 1; }
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

# mirror_ssh TARGET HOSTKEY COMMAND: the key comes from KnownHostsCommand, so nothing is trusted on first use and no file is left behind.
mirror_ssh() {
  ssh "${ssh_options[@]}" -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null \
    -o UpdateHostKeys=no -o HostKeyAlgorithms=ssh-ed25519 -o "KnownHostsCommand=/bin/echo %H $2" \
    -o LogLevel=ERROR -- "$1" "$3"
}
