#!/usr/bin/env bash
# on-host.sh URI SCRIPT [ARGUMENT...]
#
# Runs one of scripts/host on the KVM host of a libvirt URI. stdin, stdout and stderr pass through.
#   URI     qemu+ssh://[user@]host[:port]/system[?keyfile=PATH&known_hosts=PATH], or a local one such as qemu:///system
#   SCRIPT  its file name, for example attach-disk.sh
#   KVM_MIRROR_FORWARD   "-L HERE:THERE" or "-R THERE:HERE", sockets that ssh forwards meanwhile
# Nothing is installed there: the scripts travel ahead of stdin into a private folder, which is removed afterwards.
# Exit codes: those of the script; 255 when ssh failed; 2 usage.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"

[[ $# -ge 2 && $2 =~ ^[a-z][a-z-]*\.sh$ && -f $here/../host/$2 ]] || usage
uri=$1 script=$2
shift 2

if [[ $uri =~ ^[a-z]+:/// ]]; then
  LIBVIRT_DEFAULT_URI=$uri exec bash "$here/../host/$script" "$@"
fi
# The grammar of plugins/libvirt/uri.ts, which has checked the URI.
word='[A-Za-z0-9_][A-Za-z0-9_.-]*'
[[ $uri =~ ^([a-z]+)\+ssh://(($word)@)?($word|\[[0-9a-fA-F:]+\])(:([0-9]+))?(/[a-z]+)(\?(.*))?$ ]] || usage
driver=${BASH_REMATCH[1]} user=${BASH_REMATCH[3]} host=${BASH_REMATCH[4]} port=${BASH_REMATCH[6]}
path=${BASH_REMATCH[7]} query=${BASH_REMATCH[9]}
host=${host#[} host=${host%]}

options=()
[[ -z $user ]] || options+=(-l "$user")
[[ -z $port ]] || options+=(-p "$port")
IFS='&' read -ra parameters <<<"$query"
for parameter in "${parameters[@]}"; do
  [[ $parameter =~ ^(keyfile|known_hosts)=([A-Za-z0-9_./~@:,=+-]|%[0-9A-Fa-f]{2})+$ ]] || usage
  value=${parameter#*=}
  # %XX is one byte.
  printf -v value '%b' "${value//%/\\x}"
  case $parameter in
    keyfile=*) options+=(-i "$value") ;;
    # ssh splits the option's value at blanks, and knows tokens such as %h.
    known_hosts=*) options+=(-o "UserKnownHostsFile=\"${value//%/%%}\"") ;;
  esac
done

if [[ -n ${KVM_MIRROR_FORWARD:-} ]]; then
  read -ra forward <<<"$KVM_MIRROR_FORWARD"
  options+=(-o ExitOnForwardFailure=yes "${forward[@]}")
fi

[[ ! -t 0 ]] || exec </dev/null
archive=$(mktemp)
trap 'rm -f "$archive"' EXIT
tar -C "$here/../host" -czf "$archive" .
receive="bash --norc -c $(quote "$(<"$here/lib/receive-scripts.sh")")receive"
command="LIBVIRT_DEFAULT_URI=$(quote "$driver://$path")$receive $(quote "$(stat -c %s "$archive")" "$script" "$@")"
cat "$archive" - | run_ssh "$host" "$(marked "$command")" "${options[@]}" | after_mark || exit
