#!/usr/bin/env bash
# install-tools.sh TARGET HOSTKEY
#
# Installs scripts/guest on a mirror as /usr/local/lib/kvm-mirror, with its systemd units. Every version has a folder of
# its own, named after its content. A symbolic link is switched to it by rename, so a script that is running keeps its
# version. The same content again: nothing happens.
# Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"

[[ $# == 2 ]] || usage
target_or_usage "$1" "$2"
guest=$here/../guest
version=$(cd "$guest" && find . -type f | LC_ALL=C sort | while read -r file; do
  printf '%s\n' "$file"
  cat "$file"
done | sha256sum | cut -c 1-16)
receive="bash -c $(quote "$(<"$here/lib/receive-tools.sh")") receive-tools $(quote "$version")"
tar -C "$guest" --owner=0 --group=0 --mode=u+rw,go+r,go-w -czf - . \
  | mirror_ssh "$1" "$2" "sudo -n $receive" \
  || fail "installing the tools on $1 failed; the error message is above"
