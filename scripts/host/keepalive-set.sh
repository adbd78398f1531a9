#!/usr/bin/env bash
# keepalive-set.sh OWNER IDLE INTERVAL PROBES    (on a KVM host)
#
# Sets the host's TCP keepalive, now and at every boot, and notes that the stack OWNER (`<project>/<stack>`) needs it.
# The first probe goes out after IDLE seconds of silence, the next ones every INTERVAL seconds. After PROBES without an
# answer the connection is dead. It holds for new connections that ask for keepalive; QEMU's to an NBD export do
# (attach-disk.sh). What held before is kept in the same file, for keepalive-forget.sh.
# Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/as-root.sh"
. "$here/lib/shared-settings.sh"
. "$here/lib/keepalive.sh"

[[ $# == 4 ]] || usage
owner_or_usage "$1"
owner=$1
shift
for number in "$@"; do [[ $number =~ ^[1-9][0-9]{0,4}$ ]] || usage; done
values=("$@")

one_at_a_time
if [[ -e $keepalive_file ]]; then note_earlier keepalive; fi
note_user keepalive "$owner"
text='# Written by kvm-mirror; "pulumi destroy" of the last stack that needs it'
text+=' removes it and sets back what held before.'$'\n'
for key in "${keepalive_keys[@]}"; do
  before=$(remembered "$key")
  text+="# before: $key = ${before:-$(sysctl -n "$key")}"$'\n'
done
for index in "${!keepalive_keys[@]}"; do text+="${keepalive_keys[index]} = ${values[index]}"$'\n'; done
# The old values are on disk before the new ones hold.
as_root tee "$keepalive_file.new" >/dev/null <<<"${text%$'\n'}"
as_root mv "$keepalive_file.new" "$keepalive_file"
as_root sysctl -q -p "$keepalive_file" \
  || fail "the kernel did not take the settings; the error message is above. They are in $keepalive_file"
for index in "${!keepalive_keys[@]}"; do
  now=$(sysctl -n "${keepalive_keys[index]}")
  [[ $now == "${values[index]}" ]] || fail "${keepalive_keys[index]} is $now, not ${values[index]}"
done
