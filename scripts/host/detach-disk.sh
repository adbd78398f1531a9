#!/usr/bin/env bash
# detach-disk.sh DOMAIN TARGET SOURCE_NAME [DEADLINE_S]      (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Detaches the network disk SOURCE_NAME (NBD: export name; iSCSI: IQN/LUN) from TARGET of a domain, in whichever form it is
# attached: from the running guest, which must release it within DEADLINE_S (60 if not given), and from its persistent
# definition. Gone already: nothing happens.
# Refuses (3): another disk on TARGET; a running domain whose disk cannot be unplugged (SATA): shut it down first.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib/say.sh
. "$here/lib/say.sh"
# shellcheck source=lib/domain-disks.sh
. "$here/lib/domain-disks.sh"
# shellcheck source=lib/monitor.sh
. "$here/lib/monitor.sh"
# shellcheck source=lib/qemu-args.sh
. "$here/lib/qemu-args.sh"

[[ ($# == 3 || ($# == 4 && $4 =~ ^[1-9][0-9]*$)) && $1 =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ && $2 =~ ^[a-z]+$ ]] || usage
domain=$1 target=$2 name=$3 deadline=${4:-60}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [[ $(virsh list --all --name) != *"$domain"* ]] || ! virsh dominfo "$domain" >/dev/null 2>&1; then
  virsh list --all --name >/dev/null || fail "libvirt does not answer (its words are above)"
  say "there is no domain $domain here, so nothing to detach"
  exit 0
fi
alone_with "$domain"

# the_disk LINE: it is the disk to detach; refuses another one.
the_disk() {
  [[ $(cut -f 4 <<<"$1") == "$name" ]] || refuse "target $target of $domain is not $name but ${1:-no network disk}; it stays"
}

definition "$domain" >"$work/definition.xml"
in_definition=no
if target_in_use "$target" <"$work/definition.xml"; then
  the_disk "$(network_disks <"$work/definition.xml" | at_target "$target")"
  in_definition=yes
fi

# live: the running domain has the disk; bus and form are set. Refuses another one.
live() {
  local line
  line=$(live_disks "$domain" | at_target "$target")
  if [[ -z $line ]]; then
    if virsh dumpxml "$domain" | without_arguments | target_in_use "$target"; then the_disk ""; fi
    return 1
  fi
  the_disk "$line"
  IFS=$'\t' read -r _ bus _ _ _ _ form _ <<<"$line"
}

end=$((SECONDS + deadline)) asked=0 form=
while is_active "$(domain_state "$domain")" && live; do
  [[ $bus == virtio || $bus == scsi ]] ||
    refuse "$domain runs and its $bus disk $target cannot be unplugged; shut it down first"
  if ((SECONDS >= end)); then
    fail "the guest in $domain did not release $target within $deadline s (is it mounted, or the guest still booting?); it stays attached"
  fi
  # A guest that is still booting loses the request: it is repeated. "In the process of unplug" is no error.
  if ((SECONDS >= asked)); then
    { if [[ $form == qemu ]]; then ask_to_unplug "$domain" "$target"; else virsh detach-disk "$domain" "$target" --live >/dev/null; fi; } 2>"$work/words" ||
      grep -q 'process of unplug' "$work/words" || say "$(head -n 1 "$work/words")"
    asked=$((SECONDS + 10))
  fi
  sleep 0.5
done
if is_active "$(domain_state "$domain")" && grep -q 'kvm-mirror-' "$work/definition.xml"; then
  close_node "$domain" "$target" || fail "$domain has released $target, but QEMU does not close its connection (its words are above)"
fi
if [[ $in_definition == yes ]]; then
  definition "$domain" | without_disk "$target" >"$work/new.xml"
  virsh define "$work/new.xml" >/dev/null || fail "$target could not be taken from the definition of $domain (libvirt's words are above)"
fi
say "$name is not attached to $domain any more"
