#!/usr/bin/env bash
# attach-disk.sh DOMAIN TARGET                   (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Attaches a network disk (NBD or iSCSI), whose XML is read from stdin, to a domain: to its persistent definition, and to
# the running guest if it can be plugged in. What cannot (a SATA disk, or QEMU's arguments on a machine without hot-plug on
# its first PCI bus, as q35) appears at the domain's next start, and this script says so.
# The XML is one <disk>, or one <qemu:commandline> as src/render/qemuDisk.ts writes it. The same disk on that target in
# another form, or with other options: the definition is changed, and a running guest keeps what it has until its next start.
# The very same already: nothing happens.
# Refuses (3): no such domain, XML for another target, another disk on that target, the same volume (same export or same
# serial) on another target or another domain of this host, a PCI slot that is taken, a libvirt that drops <reconnect>.
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

[[ $# == 2 && $1 =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ && $2 =~ ^[a-z]+$ ]] || usage
domain=$1 target=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/disk.xml"
wanted=$(network_disks <"$work/disk.xml")
[[ $(grep -c . <<<"$wanted") == 1 ]] || refuse "stdin must hold the XML of one network disk"
IFS=$'\t' read -r wanted_target bus protocol name server serial form delay <<<"$wanted"
[[ $wanted_target == "$target" ]] || refuse "the XML on stdin is for target $wanted_target, not $target"
[[ $serial != - ]] || refuse "the XML on stdin has no serial: it would not be recognised again"
known_domain_or_refuse "$domain"
alone_with "$domain"

# The same volume must not be written by two disks: one export, or one serial, is in use at most once on this host.
virsh list --all --name | while read -r other; do
  [[ -n $other ]] || continue
  { { definition "$other" || true; } 2>/dev/null | network_disks; ! is_active "$(domain_state "$other")" || live_disks "$other"; } | sort -u |
    while IFS=$'\t' read -r at other_bus other_protocol other_name other_server other_serial _; do
      [[ $other != "$domain" || $at != "$target" ]] || continue
      if [[ $other_serial == "$serial" || "$other_protocol $other_name $other_server" == "$protocol $name $server" ]]; then
        refuse "volume $name (serial $serial) is the disk $at ($other_bus) of domain $other already; detach it there first"
      fi
    done || exit 3
done || exit 3

# the_disk LINE: it is the wanted one, in whichever form; refuses another one. Where QEMU did not say the serial, the export decides.
the_disk() {
  local at_protocol at_name at_server at_serial
  IFS=$'\t' read -r _ _ at_protocol at_name at_server at_serial _ <<<"$1"
  [[ "$at_protocol $at_name $at_server" == "$protocol $name $server" && ($at_serial == "$serial" || $at_serial == -) ]] ||
    refuse "domain $domain has another disk on target $target: ${1:-one that is no network disk}; expected none, or $protocol $name from $server with serial $serial"
}

# in_definition: 0 the very disk is there in the wanted form, 1 it is to be written; refuses another disk there.
in_definition() {
  local present
  target_in_use "$target" <"$work/definition.xml" || return 1
  present=$(network_disks <"$work/definition.xml" | at_target "$target")
  the_disk "$present"
  [[ $(cut -f 7- <<<"$present") == "$form"$'\t'"$delay" ]] || return 1
  [[ $form == libvirt || $(qemu_args "$target" <"$work/definition.xml") == "$(qemu_args "$target" <"$work/disk.xml")" ]]
}

# define: the definition with the disk in its wanted form, in one step: never without it in between.
define() {
  local slot
  without_disk "$target" <"$work/definition.xml" >"$work/rest.xml"
  slot=$(qemu_args "$target" <"$work/disk.xml" | sed -n 's/.*"addr":"\(0x[0-9a-f]*\)".*/\1/p')
  if [[ -n $slot ]] && slot_in_use "$slot" <"$work/rest.xml"; then
    refuse "PCI slot $slot of $domain, where target $target goes, is taken by another device: choose another target"
  fi
  with_disk "$work/disk.xml" <"$work/rest.xml" >"$work/new.xml"
  virsh define "$work/new.xml" >/dev/null || fail "libvirt did not take the definition of $domain with $target (its words are above)"
  definition "$domain" >"$work/definition.xml"
  in_definition || refuse "libvirt did not keep the disk $target as it was asked to: <reconnect> is known from 9.2 on, and this is $(virsh --version)"
}

connecting_failed() {
  fail "attaching $name to $domain failed. QEMU connects at once, so the export on $server must be up before (group-start.sh on its primary), and must admit this host"
}

# plug_in: the disk into the running guest. 1: that cannot be done there.
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
    *'does not support hotplug'*) return 1 ;;
    *onnect*) connecting_failed ;;
    *) fail "attaching $name to $domain failed (libvirt's words are above)" ;;
  esac
}

definition "$domain" >"$work/definition.xml"
in_use=no kept=no
if target_in_use "$target" <"$work/definition.xml"; then in_use=yes; fi
if in_definition; then kept=yes; fi
if is_active "$(domain_state "$domain")"; then
  if [[ $form == qemu ]]; then live=$( (live_disks "$domain"; monitor_disks "$domain") | sort -u | at_target "$target"); else live=$(live_disks "$domain" | at_target "$target"); fi
  if [[ -n $live ]]; then
    while read -r line; do the_disk "$line"; done <<<"$live"
    [[ $kept == yes ]] || say "the running $domain keeps its connection to $name as it is until it is next started (shut it down and start it)"
  elif virsh dumpxml "$domain" | without_arguments | target_in_use "$target"; then
    refuse "the running $domain has another disk on target $target: one that is no network disk"
  elif plug_in; then
    say "$name is attached to the running $domain as $target"
  else
    say "$domain is on, and its $bus disk $target cannot be plugged in now: it appears when $domain is next started (shut it down and start it; a reboot from inside is not enough)"
  fi
fi
if [[ $kept == no ]]; then
  define
  say "$name is in the definition of $domain as $target$([[ $in_use == no ]] || echo ', in a new form')"
fi
