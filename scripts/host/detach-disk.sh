#!/usr/bin/env bash
# detach-disk.sh DOMAIN TARGET SOURCE_NAME [DEADLINE_S]      (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Detaches the network disk SOURCE_NAME (NBD: export name; iSCSI: IQN/LUN) from TARGET of a domain, in whichever form it
# is attached: from the running guest, which must release it within DEADLINE_S (default 60), and from the persistent
# definition. Gone already, or another disk on TARGET: nothing happens.
# Refuses (3):
#   - the disk is on another target;
#   - the running guest has a file system on it mounted, as far as its agent says: a guest releases a disk that is in
#     use, too, and loses its file system;
#   - the domain is running, and the disk cannot be unplugged (SATA).
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

known=$(virsh list --all --name) || fail "libvirt does not answer; its error message is above"
if ! grep -Fxq -- "$domain" <<<"$known"; then
  say "there is no domain $domain here, so nothing to detach"
  exit 0
fi
alone_with "$domain"

# mine: those lines of network_disks on stdin that are the disk to detach.
mine() { awk -F '\t' -v name="$name" '$4 == name'; }

# here FILE LINES: whether the disk is on the target, by the XML in FILE and by LINES of network_disks. Refuses when it
# is on another target.
here() {
  local elsewhere
  [[ -z $(at_target "$target" <<<"$2" | mine) ]] || return 0
  elsewhere=$(mine <<<"$2" | cut -f 1)
  [[ -z $elsewhere ]] || refuse "$name is the disk ${elsewhere//$'\n'/ and } of $domain, not $target. Somebody has" \
    "moved it. Detach it by hand"
  if without_arguments <"$1" | target_in_use "$target" || [[ -n $(at_target "$target" <<<"$2") ]]; then
    say "$name is not attached to $domain. Its target $target has another disk, which stays"
  fi
  return 1
}

definition "$domain" >"$work/definition.xml"
in_definition=no
if here "$work/definition.xml" "$(network_disks <"$work/definition.xml")"; then in_definition=yes; fi

# live: whether the running domain has the disk. Sets bus, serial and form.
live() {
  virsh dumpxml "$domain" >"$work/live.xml"
  here "$work/live.xml" "$(live_disks "$domain")" || return 1
  IFS=$'\t' read -r _ bus _ _ _ serial form _ < <(live_disks "$domain" | at_target "$target" | mine)
}

# mounted: the guest's agent says that a file system on the disk is mounted. Without an agent this is unknown.
mounted() {
  virsh qemu-agent-command "$domain" '{"execute":"guest-get-fsinfo"}' --timeout 5 2>/dev/null \
    | grep -q "\"serial\": *\"$serial\""
}

# unplug: asks the guest to release the disk.
unplug() {
  if [[ $form == qemu ]]; then
    ask_to_unplug "$domain" "$target"
  else
    virsh detach-disk "$domain" "$target" --live >/dev/null
  fi
}

end=$((SECONDS + deadline)) asked=0 bus='' serial='' form=''
while is_active "$(domain_state "$domain")" && live; do
  [[ $bus == virtio || $bus == scsi ]] \
    || refuse "$domain is running, and its $bus disk $target cannot be unplugged. Shut $domain down first"
  if ((asked == 0)) && mounted; then
    refuse "a file system on $name is mounted in $domain. The disk stays attached. Unmount the file system there, and" \
      "try again"
  fi
  if ((SECONDS >= end)); then
    fail "the guest in $domain did not release $target within $deadline s. The disk stays attached. Is it mounted, or" \
      "is the guest still booting?"
  fi
  # A guest that is still booting loses the request, so it is repeated. "In the process of unplug" is no error.
  if ((SECONDS >= asked)); then
    unplug 2>"$work/words" || grep -q 'process of unplug' "$work/words" || say "$(head -n 1 "$work/words")"
    asked=$((SECONDS + 10))
  fi
  sleep 0.5
done
if is_active "$(domain_state "$domain")" && grep -q 'kvm-mirror-' "$work/definition.xml"; then
  close_node "$domain" "$target" || fail "$domain has released $target, but QEMU does not close its connection;" \
    "QEMU's error message is above"
fi
if [[ $in_definition == yes ]]; then
  definition "$domain" | without_disk "$target" >"$work/new.xml"
  virsh define "$work/new.xml" >/dev/null \
    || fail "$target could not be removed from the definition of $domain; libvirt's error message is above"
fi
say "$name is no longer attached to $domain"
