#!/usr/bin/env bash
# migrate-client.sh DOMAIN SOCKET ADDRESS [TARGET,...]
#                                                (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Migrates a domain that runs here, live, to the KVM host whose libvirt answers at SOCKET. stdin: its XML there.
#   ADDRESS      of the other host: there its QEMU listens, on a port that libvirt picks (49152 and up)
#   TARGET,...   disks that lie on both hosts, and are copied to the other one
# The guest arrives paused, and is let go only when libvirt has ended it here: whatever is interrupted, it never runs
# on both hosts, and as long as there is a process of it here, it has not run there since.
# The domain must be free to start there (permit-hook.sh), and its exports must admit both hosts.
# Exit codes: 0 it runs there; 1 failed: client-migration.sh on both hosts says how far it came; 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/domain-disks.sh"

[[ $# -ge 3 && $# -le 4 && $1 =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ && $2 == /* ]] || usage
[[ $3 =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}$ && ${4:-vda} =~ ^[a-z]+(,[a-z]+)*$ ]] || usage
domain=$1 socket=$2 address=$3 copied=${4:-}
there="qemu+unix:///system?socket=$socket"
work=$(mktemp -d)
trap 'rm -rf "$work"; [[ $socket != /tmp/kvm-mirror-* ]] || rm -f "$socket"' EXIT
cat >"$work/domain.xml"

alone_with "$domain"
state=$(domain_state "$domain")
[[ $state == running ]] || fail "$domain is $state on $(uname -n), not running"

# Connected beforehand: the guest stands still until it is let go.
mkfifo "$work/words"
timeout --foreground 7200 virsh -c "$there" <"$work/words" >"$work/answers" 2>&1 &
letting_go=$!
exec 5>"$work/words"
printf 'uri\n' >&5
answers() { tr -s '\n' ' ' <"$work/answers"; }
connected() { [[ $(answers) == *qemu+unix:///* ]]; }
for ((tries = 0; tries < 150; tries++)); do
  if connected || ! kill -0 "$letting_go" 2>/dev/null; then break; fi
  sleep 0.1
done
connected || fail "libvirt of the other host does not answer: $(answers)"

options=(--live --suspend --abort-on-error --auto-converge)
if [[ -n $copied ]]; then options+=(--copy-storage-all --migrate-disks "$copied"); fi
# It takes as long as the guest's memory and its copied disks do. --auto-converge: a guest that writes to its memory
# faster than it is sent is slowed down, so that it ends.
KVM_MIRROR_VIRSH_DEADLINE=7200 virsh migrate "${options[@]}" --xml "$work/domain.xml" --migrateuri "tcp://$address" \
  "$domain" "$there" >&2 || fail "$domain was not migrated; libvirt's error message is above"
state=$(domain_state "$domain")
[[ $state == 'shut off' ]] || fail "$domain has been migrated, and is still $state on $(uname -n)"
: >"$work/answers"
printf 'resume %s\nquit\n' "$domain" >&5
exec 5>&-
wait "$letting_go" || true
# It ends well, whatever became of the commands that it read.
[[ $(answers) == *"Domain '$domain' resumed"* ]] \
  || fail "$domain has been migrated, and is not let go on the other host: $(answers)"
