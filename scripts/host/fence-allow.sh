#!/usr/bin/env bash
# fence-allow.sh DOMAIN FROM DELAY_S ADDRESS PORT          (on a KVM host)
#
# Lets the peer of the mirror DOMAIN turn it off and on. The public key on stdin is put into ~/.ssh/authorized_keys. It
# is valid for connections from FROM (addresses, comma separated), and for fence-shell.sh alone, which knows this one
# domain. An earlier key for DOMAIN is replaced; other lines stay as they are.
# stdout: the public key that this host's sshd shows at ADDRESS and PORT, "type base64", for the peer to pin.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/authorized-keys.sh"

[[ $# == 5 && $1 =~ ^[A-Za-z0-9][A-Za-z0-9_-]*$ && $2 =~ ^[0-9.,]+$ ]] || usage
[[ $3 =~ ^[0-9]+$ && $4 =~ ^[0-9.]+$ && $5 =~ ^[0-9]+$ ]] || usage
domain=$1 from=$2 delay=$3 address=$4 port=$5
read -r type key rest || true
[[ $type == ssh-ed25519 && $key =~ ^[A-Za-z0-9+/]+=*$ && -z $rest ]] \
  || refuse "stdin is no public key of the form 'ssh-ed25519 AAAA…'"
LIBVIRT_DEFAULT_URI=qemu:///system virsh list >/dev/null \
  || fail "$(id -un) cannot use libvirt on this host; virsh's error message is above. Fencing logs in as this user"

install -d -m 0700 ~/.local ~/.local/lib ~/.local/lib/kvm-mirror ~/.local/lib/kvm-mirror/lib
# What the shell needs first.
for file in lib/destroy.sh lib/power.sh fence-shell.sh; do
  install -m 0755 "$here/$file" ~/.local/lib/kvm-mirror/"$file.new"
  mv -T ~/.local/lib/kvm-mirror/"$file.new" ~/.local/lib/kvm-mirror/"$file"
done
command="bash ~/.local/lib/kvm-mirror/fence-shell.sh $domain $delay"
authorize "$domain" "restrict,from=\"$from\",command=\"$command\" $type $key"

# ssh-keyscan fails when one kind of key is missing.
shown=$({ ssh-keyscan -T 10 -p "$port" -t ed25519,ecdsa,rsa "$address" 2>/dev/null || true; } \
  | awk '$1 !~ /^#/ { print $2, $3 }')
# Of these keys, the one that OpenSSH prefers.
host_key=$(for wanted in ssh-ed25519 ecdsa ssh-rsa; do grep "^$wanted" <<<"$shown" || true; done | head -n 1)
[[ -n $host_key ]] || fail "sshd of this host does not answer at $address port $port. Set fenceAddress to the address" \
  "at which the mirrors reach it"
printf '%s\n' "$host_key"
