#!/usr/bin/env bash
# exports-unused.sh EXPORT...                    (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Whether any domain of this host has one of these exports open: nbd:ADDRESS:PORT/NAME or iscsi:ADDRESS:PORT/IQN. The
# servers do not know: QEMU that lost its connection makes a new one only when its guest next reads or writes.
#   - A domain with a QEMU process counts, whatever its name: running, paused or shutting down.
#   - A domain that is saved to disk with such an export counts: it would wake with what it knew of the disk then.
# Exit codes: 0 none has, 1 libvirt does not answer, 2 usage, 3 refused: one has, and which.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/domain-disks.sh"
. "$here/lib/monitor.sh"
export LC_ALL=C

[[ $# -ge 1 ]] || usage
for export in "$@"; do [[ $export =~ ^(nbd|iscsi):[0-9.]+:[0-9]+/[A-Za-z0-9._:-]+$ ]] || usage; done

# of_these: of lines of network_disks on stdin, those with one of the exports: "TARGET PROTOCOL:ADDRESS:PORT/NAME".
of_these() {
  awk -F '\t' -v exports=" $* " '
    { name = $4; if ($3 == "iscsi") sub(/\/[0-9]+$/, "", name); export = $3 ":" $5 "/" name }
    index(exports, " " export " ") { print $1, export }'
}

domains=$(virsh list --all --name) || fail "libvirt does not answer; its error message is above"
saved=$(virsh list --all --with-managed-save --name) || fail "libvirt does not answer; its error message is above"
found=''
while read -r domain; do
  [[ -n $domain ]] || continue
  # One that is gone by now has nothing open.
  state=$(domain_state "$domain") || {
    virsh dominfo "$domain" >/dev/null 2>&1 || continue
    fail "libvirt does not say whether $domain is on"
  }
  if is_active "$state"; then
    disks=$(live_disks "$domain") || fail "libvirt does not say which disks the running $domain has"
    used=$(of_these "$@" <<<"$disks")
    while read -r target export; do
      [[ -z $target ]] || found+="$domain ($state) has $export open as $target; "
    done <<<"$used"
  elif grep -qxF -- "$domain" <<<"$saved"; then
    used=$(definition "$domain" | network_disks | of_these "$@")
    while read -r target export; do
      [[ -n $target ]] || continue
      found+="$domain is saved to disk with $export as $target (start it and shut it down; or virsh"
      found+=" managedsave-remove $domain, which is like cutting its power); "
    done <<<"$used"
  fi
done <<<"$domains"
[[ -z $found ]] || refuse "on $(uname -n), ${found%; }"
