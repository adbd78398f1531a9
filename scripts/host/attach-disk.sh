#!/usr/bin/env bash
# attach-disk.sh DOMAIN TARGET                   (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Attaches a network disk (NBD or iSCSI) to a domain: to its persistent definition, and to the running guest if it can
# be plugged in. A disk that cannot be plugged in appears at the domain's next start, and this script says so. Such are
# a SATA disk, one without a free PCI slot, and QEMU's arguments on a machine without hot-plug on its first PCI bus
# (q35).
# stdin: one <disk>, or one <qemu:commandline> as src/render/exports/nbd/qemuDisk.ts writes it.
#   the very same disk already             nothing happens
#   the same disk on that target in        the definition is changed; a running guest keeps what it has until its next
#   another form, or with other options    start
#   the same volume (same export or same   the definition is changed in one step, if the domain does not have the volume
#   serial), other target or export        open now
# Refuses (3):
#   - no such domain, or XML for another target;
#   - another volume is on that target;
#   - the running guest has the volume on another target or from another export: nothing is taken from a guest to be
#     given back elsewhere;
#   - the same volume is in another domain of this host;
#   - the PCI slot is taken;
#   - this libvirt drops <reconnect>.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/domain-disks.sh"
. "$here/lib/monitor.sh"
. "$here/lib/qemu-args.sh"

[[ $# == 2 && $1 =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ && $2 =~ ^[a-z]+$ ]] || usage
domain=$1 target=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/disk.xml"
wanted=$(network_disks <"$work/disk.xml")
[[ $(grep -c . <<<"$wanted") == 1 ]] || refuse "stdin must hold the XML of one network disk"
IFS=$'\t' read -r wanted_target bus protocol name server serial form delay <<<"$wanted"
[[ $wanted_target == "$target" ]] || refuse "the XML on stdin is for target $wanted_target, not $target"
[[ $serial != - ]] || refuse "the XML on stdin has no serial, so the disk could not be recognised again"
known_domain_or_refuse "$domain"
alone_with "$domain"

# same_volume: those lines of network_disks on stdin that are disks of the wanted volume: the same export, or the same
# serial.
same_volume() {
  awk -F '\t' -v serial="$serial" -v export="$protocol $name $server" '$6 == serial || $3 " " $4 " " $5 == export'
}

# The same volume must not be written by two domains.
virsh list --all --name | while read -r other; do
  [[ -n $other && $other != "$domain" ]] || continue
  {
    { definition "$other" || true; } 2>/dev/null | network_disks
    ! is_active "$(domain_state "$other")" || live_disks "$other"
  } | sort -u \
    | same_volume | while IFS=$'\t' read -r at other_bus _; do
    refuse "volume $name (serial $serial) is already the disk $at ($other_bus) of domain $other. Detach it there first"
  done || exit 3
done || exit 3

# its_volume LINE: the disk on the target is this volume's, in whichever form. Refuses another one; LINE may be empty
# then.
its_volume() {
  local at_protocol at_name at_server at_serial words='one that is no network disk'
  [[ -z $(same_volume <<<"$1") ]] || return 0
  IFS=$'\t' read -r _ _ at_protocol at_name at_server at_serial _ <<<"$1"
  [[ -z $1 ]] || words="$at_name (serial $at_serial) by $at_protocol from $at_server"
  refuse "domain $domain has another disk on target $target: $words. It stays, and $name is not attached. Give $name" \
    "another target, or take the other disk off the client first, in an \`up\` of its own"
}

# in_definition: 0 the very disk is there, in the wanted form, and nowhere else; 1 it must be written. Refuses another
# volume there.
in_definition() {
  local present everywhere
  everywhere=$(network_disks <"$work/definition.xml" | same_volume)
  target_in_use "$target" <"$work/definition.xml" || return 1
  present=$(network_disks <"$work/definition.xml" | at_target "$target")
  its_volume "$present"
  [[ $everywhere == "$present" ]] || return 1
  [[ $(cut -f 3-6 <<<"$present") == "$protocol"$'\t'"$name"$'\t'"$server"$'\t'"$serial" ]] || return 1
  [[ $(cut -f 7- <<<"$present") == "$form"$'\t'"$delay" ]] || return 1
  [[ $form == libvirt || $(qemu_args "$target" <"$work/definition.xml") == "$(qemu_args "$target" <"$work/disk.xml")" ]]
}

# define: writes the definition with the disk in its wanted form, in one step: it never lacks the disk.
define() {
  local slot at
  without_disk "$target" <"$work/definition.xml" >"$work/rest.xml"
  for at in $(network_disks <"$work/rest.xml" | same_volume | cut -f 1); do
    without_disk "$at" <"$work/rest.xml" >"$work/less.xml"
    mv "$work/less.xml" "$work/rest.xml"
    say "$name is no longer $at of $domain"
  done
  slot=$(qemu_args "$target" <"$work/disk.xml" | sed -n 's/.*"addr":"\(0x[0-9a-f]*\)".*/\1/p')
  if [[ -n $slot ]] && slot_in_use "$slot" <"$work/rest.xml"; then
    refuse "PCI slot $slot of $domain is taken by another device, and target $target needs it. Choose another target"
  fi
  with_disk "$work/disk.xml" <"$work/rest.xml" >"$work/new.xml"
  virsh define "$work/new.xml" >/dev/null \
    || fail "libvirt did not take the definition of $domain with $target; its error message is above"
  definition "$domain" >"$work/definition.xml"
  in_definition || refuse "libvirt did not keep the disk $target as given: <reconnect> needs libvirt 9.2, and this is" \
    "$(virsh --version)"
}

connecting_failed() {
  fail "attaching $name to $domain failed. QEMU connects at once: the export on $server must be up, and must admit" \
    "this host. If it is down: group-start.sh on its primary"
}

# plug_in: plugs the disk into the running guest. 1: this guest cannot take it now.
plug_in() {
  local words
  if [[ $form == libvirt ]]; then
    [[ $bus == virtio || $bus == scsi ]] || return 1
    words=$(virsh attach-device "$domain" "$work/disk.xml" --live 2>&1) && return
  else
    [[ $bus == virtio ]] || return 1
    words=$(plug "$domain" "$target" "$work/disk.xml" 2>&1) && return
  fi
  printf '%s\n' "$words" >&2
  case $words in
    # No hot-plug on its bus, or no slot free there. At the next start the definition has a slot for it, or libvirt
    # makes one.
    *'does not support hotplug'* | *'No more available PCI'*) return 1 ;;
    *'no slot/function available'* | *'PCI: slot '*' not available for '*) return 1 ;;
    *onnect*) connecting_failed ;;
    *) fail "attaching $name to $domain failed; libvirt's error message is above" ;;
  esac
}

# keeps LINE: the running guest has the volume on the wanted target, from the wanted server. A change would tear the
# disk out of the guest.
keeps() {
  local at at_protocol at_name at_server way_out
  way_out="shut $domain down and run \`pulumi up --refresh\`, which changes the disk and starts a client of the stack"
  IFS=$'\t' read -r at _ at_protocol at_name at_server _ <<<"$1"
  [[ $at == "$target" ]] \
    || refuse "the running $domain has $at_name as $at, and the stack file wants it as $target. Nothing was changed." \
      "To keep it: write \`target: $at\` at this disk in the stack file. To change it: $way_out"
  [[ "$at_protocol $at_name $at_server" == "$protocol $name $server" ]] \
    || refuse "the running $domain has $at_name by $at_protocol from $at_server as $at, and the stack file wants it" \
      "by $protocol as $name from $server. Nothing was changed. To keep it: undo the change in the stack file. To" \
      "change it: $way_out"
}

definition "$domain" >"$work/definition.xml"
in_use=no kept=no
if target_in_use "$target" <"$work/definition.xml"; then in_use=yes; fi
if in_definition; then kept=yes; fi
if is_active "$(domain_state "$domain")"; then
  all=$(if [[ $form == qemu ]]; then {
    live_disks "$domain"
    monitor_disks "$domain"
  } | sort -u; else live_disks "$domain"; fi)
  held=$(same_volume <<<"$all")
  while read -r line; do [[ -z $line ]] || keeps "$line"; done <<<"$held"
  live=$(at_target "$target" <<<"$all")
  if [[ -n $live ]]; then
    while read -r line; do its_volume "$line"; done <<<"$live"
    [[ $kept == yes ]] || say "the running $domain keeps its connection to $name as it is. To change it: shut $domain" \
      "down and start it"
  elif virsh dumpxml "$domain" | without_arguments | target_in_use "$target"; then
    its_volume ""
  elif plug_in; then
    say "$name is attached to the running $domain, target $target; the guest knows it by its serial $serial"
  else
    say "$domain is on, and its $bus disk $target cannot be plugged in now. It appears at the next start: shut" \
      "$domain down and start it. A reboot from inside is not enough"
  fi
fi
if [[ $kept == no ]]; then
  define
  say "$name is in the definition of $domain as $target$([[ $in_use == no ]] || echo ', in a new form')"
fi
