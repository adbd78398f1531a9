#!/usr/bin/env bash
# mirror-settings.sh TARGET HOSTKEY
#
# Brings a running mirror to those settings of the stack file that its first boot gave it: who may log in, apt's proxy,
# MTU, name servers; and to whom it lets in: sshd's settings, the firewall. Another address or gateway is refused. New
# keys, settings of sshd and rules of the firewall stay only after a new login with them.
#   TARGET   user@address, with passwordless sudo
#   HOSTKEY  ssh-ed25519 AAAA…
# stdin: the document of scripts/guest/machines/mirror-settings.sh.
# Exit codes: those of the guest's script; 255 when ssh failed; 2 usage.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"

[[ $# == 2 ]] || usage
target_or_usage "$1" "$2"
target=$1 hostkey=$2
# Each login has a connection of its own: over a shared one, no key would be tried.
export KVM_MIRROR_SHARE=no
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/document"
mkfifo "$work/in" "$work/out"

# The last word is the mirror's to fill in: where it sees this ssh come from.
# shellcheck disable=SC2016
command="$(guest mirror-settings.sh "${target%%@*}")"' "${SSH_CONNECTION%% *}"'
mirror_ssh "$target" "$hostkey" "$command" <"$work/in" >"$work/out" &
session=$!
exec {to}>"$work/in" {from}<"$work/out"
answer=
# An ssh that has ended reads nothing. Its error message is what counts, not ours.
trap '' PIPE
{ cat "$work/document" >&"$to"; } 2>/dev/null || true
read -r answer <&"$from" || true
if [[ $answer == changed ]]; then
  if mirror_ssh "$target" "$hostkey" true </dev/null; then word=keep; else word=back; fi
  { printf '%s\n' "$word" >&"$to"; } 2>/dev/null || true
fi
exec {to}>&- {from}<&-
wait "$session" || exit
