#!/usr/bin/env bash
# domain-off.sh DOMAIN UUID                      (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Whether the domain of this name and UUID is off here, or not here at all. Changes nothing. Any state with a QEMU
# process counts as on.
# Exit codes: 0 it is off, 1 libvirt does not answer, 2 usage, 3 refused: it is on.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/domain-disks.sh"
export LC_ALL=C

[[ $# == 2 && $1 =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ && $2 =~ ^[0-9a-fA-F-]{36}$ ]] || usage
domain=$1 uuid=$2
known=$(virsh list --all --uuid) || fail "libvirt does not answer; its error message is above"
grep -qixF -- "$uuid" <<<"$known" || exit 0
state=$(domain_state "$uuid") || fail "libvirt does not say whether $domain is on"
! is_active "$state" || refuse "$domain is $state on $(uname -n)"
