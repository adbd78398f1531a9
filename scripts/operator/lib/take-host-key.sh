# shellcheck shell=bash
# Runs as root on a machine, sent by host-key.sh: takes the private host key on stdin, up to a line "end", and has sshd
# show it. Prints "changed", and waits 120 s for a line "keep": the operator has logged in anew, and has seen it.
# Anything else, or a connection that breaks, brings the key before back.
set -euo pipefail
export LC_ALL=C
umask 077
key=/etc/ssh/ssh_host_ed25519_key
# A name that sshd's configuration does not read. On the same file system, for the rename.
work=$(mktemp -d "${key%/*}/.kvm-mirror.XXXXXX")
kept=yes
put() { # FROM
  chmod 0644 "$1.pub"
  sync -f "$1"
  mv -f "$1" "$key"
  mv -f "$1.pub" "$key.pub"
  sync -f "$key"
  # Where sshd is started for each connection, the next one has the key.
  ! systemctl is-active --quiet ssh.service || systemctl reload ssh.service
}
at_exit() {
  [[ $kept == yes ]] || put "$work/before"
  rm -rf "$work"
}
trap at_exit EXIT
line=
while IFS= read -r line && [[ $line != end ]]; do printf '%s\n' "$line"; done >"$work/new"
[[ $line == end ]] || {
  echo 'the key on stdin is cut short; the host key stays as it is' >&2
  exit 1
}
ssh-keygen -y -P '' -f "$work/new" >"$work/new.pub" || {
  echo 'ssh-keygen does not take the new host key; the host key stays as it is' >&2
  exit 1
}
cp "$key" "$work/before"
cp "$key.pub" "$work/before.pub"
kept=no
put "$work/new"
echo changed
answer=
read -r -t 120 answer || true
if [[ $answer == keep ]]; then
  kept=yes
else
  echo 'nobody has logged in with the new host key; the one before is back' >&2
  exit 1
fi
