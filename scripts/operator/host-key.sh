#!/usr/bin/env bash
# host-key.sh TARGET HOSTKEY DEADLINE_S EARLIER_HOSTKEY...
#
# Has a running machine show HOSTKEY from now on, where it still shows an earlier one (kvm-mirror:keyGeneration was
# counted up). One that shows HOSTKEY already stays as it is, and so does a new one, as soon as it has booted.
#   TARGET           user@address, with passwordless sudo
#   HOSTKEY          ssh-ed25519 AAAA…
#   DEADLINE_S       seconds within which the machine must answer
#   EARLIER_HOSTKEY  of the same machine, the last one first. No other key is trusted
# stdin: HOSTKEY's private key, in OpenSSH's form.
# Unless the operator can log in anew, and sees HOSTKEY, the machine goes back to the key that it had.
# Safe to run twice. Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"

[[ $# -ge 4 && $3 =~ ^[1-9][0-9]*$ ]] || usage
target=$1 hostkey=$2 deadline=$3
shift 3
for key in "$hostkey" "$@"; do target_or_usage "$target" "$key"; done
# Each login has a connection of its own: over a shared one, no key would be seen.
export KVM_MIRROR_SHARE=no
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(umask 077 && cat >"$work/key")
mkfifo "$work/in" "$work/out"

# shows KEY: the machine answers, and shows it. Otherwise ssh's last message is in seen.
shows() {
  if seen=$(mirror_ssh "$target" "$1" true 2>&1 </dev/null); then return 0; fi
  seen=${seen//$'\r'/}
  seen=${seen##*$'\n'}
  return 1
}

# take_from KEY: the machine, which shows KEY, takes the new one.
take_from() {
  local session to from answer='' word=back
  mirror_ssh "$target" "$1" "sudo -n bash -c $(quote "$(<"$here/lib/take-host-key.sh")")" \
    <"$work/in" >"$work/out" &
  session=$!
  exec {to}>"$work/in" {from}<"$work/out"
  # An ssh that has ended reads nothing. Its error message is what counts, not ours.
  trap '' PIPE
  { cat "$work/key" - <<<end >&"$to"; } 2>/dev/null || true
  read -r answer <&"$from" || true
  if [[ $answer == changed ]]; then
    # sshd reads its keys anew in a moment.
    for _ in 1 2 3 4 5 6 7 8; do
      if shows "$hostkey"; then
        word=keep
        break
      fi
      sleep 0.5
    done
    { printf '%s\n' "$word" >&"$to"; } 2>/dev/null || true
  fi
  exec {to}>&- {from}<&-
  wait "$session" || return 1
  [[ $word == keep ]]
}

said=
while :; do
  if shows "$hostkey"; then exit 0; fi
  if another_key "$seen"; then
    for earlier in "$@"; do
      shows "$earlier" || continue
      take_from "$earlier" || fail "$target did not take its new host key: ${seen:-its message is above}"
      say "$target shows its new host key"
      exit 0
    done
    if another_key "$seen"; then
      fail "$target shows neither its host key nor an earlier one. Another machine has this address, or" \
        "kvm-mirror:secret is another one than before: put the old one back, and count up kvm-mirror:keyGeneration"
    fi
  fi
  ((SECONDS < deadline)) || fail "$target does not answer after $deadline s, so it has no new host key: $seen"
  [[ $seen == "$said" ]] || say "waiting for $target: $seen"
  said=$seen
  sleep 2
done
