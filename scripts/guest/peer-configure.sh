#!/usr/bin/env bash
# peer-configure.sh USER PEER HOSTKEY ADDRESS...
#
# Lets this mirror ask its peer to outdate a volume, and be asked (fence-peer.sh, outdate.sh). It also names the marks
# disk, on which this mirror says that it goes on alone (lib/marks.sh), and starts watch-peer.sh.
#   stdin       the private OpenSSH key that both mirrors have for this alone
#   HOSTKEY     the peer's (ssh-ed25519 AAAA…)
#   ADDRESS...  where the peer is asked, best first. The peer may ask from there only, as USER, and run nothing but
#               outdate.sh
# Refuses (3): no such user; no key; no marks disk, or one that carries something else.
# Safe to run twice. Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/peer.sh"
. "$here/lib/marks.sh"
. "$here/lib/at-boot.sh"

[[ $# -ge 4 && $1 =~ ^[a-z_][a-z0-9_-]*$ && $3 =~ ^ssh-ed25519\ [A-Za-z0-9+/=]+$ ]] || usage
name_or_usage "$2"
user=$1 peer=$2 hostkey=$3
shift 3
for address in "$@"; do [[ $address =~ ^[0-9.]+$ ]] || usage; done
home=$(getent passwd "$user" | cut -d: -f6) || true
[[ -n $home ]] || refuse "there is no user $user on this mirror (kvm-mirror:ssh)"
prepare_marks

install -d -m 0700 "$peer_dir"
write_durably "$peer_dir/key" 0600
public=$(ssh-keygen -y -P '' -f "$peer_dir/key" | cut -d ' ' -f 1,2) \
  || refuse "stdin was no private OpenSSH key without a passphrase"
printf '%s\n' "$peer" | write_durably "$peer_dir/name" 0644
printf '%s\n' "$user" | write_durably "$peer_dir/user" 0644
printf '%s %s\n' "$peer" "$hostkey" | write_durably "$peer_dir/known_hosts" 0644
printf '%s\n' "$@" | write_durably "$peer_dir/addresses" 0644

install -d -m 0700 -o "$user" -g "$(id -gn "$user")" "$home/.ssh"
keys=$home/.ssh/authorized_keys
touch "$keys"
from=$(
  IFS=,
  printf '%s' "$*"
)
{
  # Ours is the line with this comment; everybody else's stay.
  grep -v ' kvm-mirror-peer$' "$keys" || true
  # shellcheck disable=SC2016  # for the shell of that login
  command='sudo -n /usr/local/lib/kvm-mirror/outdate.sh \"$SSH_ORIGINAL_COMMAND\"'
  printf 'restrict,from="%s",command="%s" %s kvm-mirror-peer\n' "$from" "$command" "$public"
} | write_durably "$keys" 0600
chown "$user:" "$keys"

watcher=kvm-mirror-watch-peer.service
start_at_boot "$watcher" "/etc/systemd/system/$watcher"
systemctl start "$watcher" || fail "$watcher did not start. See: systemctl status $watcher"
