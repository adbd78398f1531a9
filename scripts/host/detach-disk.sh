#!/usr/bin/env bash
# detach-disk.sh DOMAIN TARGET SOURCE_NAME [DEADLINE_S]      (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Detaches the network disk SOURCE_NAME (NBD: export name; iSCSI:
# IQN/LUN) from TARGET of a domain, in whichever form it is
# attached: from the running guest, which must release it within DEADLINE_S (60 if not given), and from its persistent
# definition. Gone already, or another disk on TARGET: nothing happens.
# Refuses (3): the disk on another target; a running guest that has a
# file system on it mounted, as far as its agent says (a
# guest releases a disk in use, too, and its file system is lost to it); a
# running domain whose disk cannot be unplugged (SATA).
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/domain-disks.sh"
. "$here/lib/monitor.sh"
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

# mine: those lines of network_disks on stdin that are the disk to detach.
mine() { awk -F '\t' -v name="$name" '$4 == name'; }

# here FILE LINES: whether the disk is on the target, by the XML in FILE and
# lines of network_disks; refuses when it is on another one.
here() {
  local elsewhere
  [[ -z $(at_target "$target" <<<"$2" | mine) ]] || return 0
  elsewhere=$(mine <<<"$2" | cut -f 1)
  [[ -z $elsewhere ]] || refuse "$name is the disk ${elsewhere//$'\n'/ and } of $domain and not $target: somebody has moved it; detach it by hand"
  if without_arguments <"$1" | target_in_use "$target" || [[ -n $(at_target "$target" <<<"$2") ]]; then
    say "$name is not attached to $domain; its target $target has another disk, which stays"
  fi
  return 1
}

definition "$domain" >"$work/definition.xml"
in_definition=no
if here "$work/definition.xml" "$(network_disks <"$work/definition.xml")"; then in_definition=yes; fi

# live: the running domain has the disk; bus, serial and form are set.
live() {
  virsh dumpxml "$domain" >"$work/live.xml"
  here "$work/live.xml" "$(live_disks "$domain")" || return 1
  IFS=$'\t' read -r _ bus _ _ _ serial form _ < <(live_disks "$domain" | at_target "$target" | mine)
}

# mounted: the guest's agent says that a file system on the disk is mounted. Without an agent nobody says so.
mounted() { virsh qemu-agent-command "$domain" '{"execute":"guest-get-fsinfo"}' --timeout 5 2>/dev/null | grep -q "\"serial\": *\"$serial\""; }

end=$((SECONDS + deadline)) asked=0 bus='' serial='' form=''
while is_active "$(domain_state "$domain")" && live; do
  [[ $bus == virtio || $bus == scsi ]] \
    || refuse "$domain runs and its $bus disk $target cannot be unplugged; shut it down first"
  if ((asked == 0)) && mounted; then
    refuse "a file system on $name is mounted in $domain: unmount it there, and try again. It stays attached"
  fi
  if ((SECONDS >= end)); then
    fail "the guest in $domain did not release $target within $deadline s (is it mounted, or the guest still booting?); it stays attached"
  fi
  # A guest that is still booting loses the request: it is repeated. "In the process of unplug" is no error.
  if ((SECONDS >= asked)); then
    { if [[ $form == qemu ]]; then ask_to_unplug "$domain" "$target"; else virsh detach-disk "$domain" "$target" --live >/dev/null; fi; } 2>"$work/words" \
      || grep -q 'process of unplug' "$work/words" || say "$(head -n 1 "$work/words")"
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
