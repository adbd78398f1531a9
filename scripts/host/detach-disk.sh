#!/usr/bin/env bash
# detach-disk.sh DOMAIN TARGET SOURCE_NAME [DEADLINE_S]      (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Detaches the network disk SOURCE_NAME (NBD: export name; iSCSI: IQN/LUN) from TARGET of a domain: from the running guest,
# which must release it within DEADLINE_S (60 if not given), and from its persistent definition. Gone already: nothing happens.
# Refuses (3): another disk on TARGET; a running domain whose disk cannot be unplugged (SATA): shut it down first.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib/say.sh
. "$here/lib/say.sh"
# shellcheck source=lib/domain-disks.sh
. "$here/lib/domain-disks.sh"

[[ ($# == 3 || ($# == 4 && $4 =~ ^[1-9][0-9]*$)) && $1 =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ && $2 =~ ^[a-z]+$ ]] || usage
domain=$1 target=$2 name=$3 deadline=${4:-60}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [[ $(virsh list --all --name) != *"$domain"* ]] || ! virsh dominfo "$domain" >/dev/null 2>&1; then
  virsh list --all --name >/dev/null || fail "libvirt does not answer (its words are above)"
  say "there is no domain $domain here, so nothing to detach"
  exit 0
fi

# present_in XML: 0 the disk is there, 1 nothing is on the target; refuses another disk there.
present_in() {
  local present
  target_in_use "$target" <"$1" || return 1
  present=$(disk_at "$target" <"$1")
  [[ $(cut -f 4 <<<"$present") == "$name" ]] ||
    refuse "target $target of $domain is not $name but ${present:-no network disk}; it stays"
  bus=$(cut -f 2 <<<"$present")
}
live() { virsh dumpxml "$domain" >"$work/live.xml" && present_in "$work/live.xml"; }

virsh dumpxml --inactive "$domain" >"$work/persistent.xml"
in_definition=no
if present_in "$work/persistent.xml"; then in_definition=yes; fi

end=$((SECONDS + deadline)) asked=0
while is_active "$(domain_state "$domain")" && live; do
  [[ $bus == virtio || $bus == scsi ]] ||
    refuse "$domain runs and its $bus disk $target cannot be unplugged; shut it down first"
  if ((SECONDS >= end)); then
    fail "the guest in $domain did not release $target within $deadline s (is it mounted, or the guest still booting?); it stays attached"
  fi
  # A guest that is still booting loses the request: it is repeated. "In the process of unplug" is no error.
  if ((SECONDS >= asked)); then
    virsh detach-disk "$domain" "$target" --live >/dev/null 2>"$work/words" || grep -q 'process of unplug' "$work/words" ||
      say "$(head -n 1 "$work/words")"
    asked=$((SECONDS + 10))
  fi
  sleep 0.5
done
if [[ $in_definition == yes ]]; then
  virsh detach-disk "$domain" "$target" --config >/dev/null || fail "$target could not be taken from the definition of $domain (libvirt's words are above)"
fi
say "$name is not attached to $domain any more"
