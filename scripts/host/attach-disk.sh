#!/usr/bin/env bash
# attach-disk.sh DOMAIN TARGET                   (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Attaches a network disk (NBD or iSCSI), whose XML is read from stdin, to a domain: to its persistent definition, and to
# the running guest if its bus can be hot-plugged. A SATA disk cannot: it appears at the domain's next start, and this
# script says so. The same disk on that target already: nothing happens.
# Refuses (3): no such domain, XML for another target, another disk on that target, the same volume (same export or same
# serial) on another target or another domain of this host. Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib/say.sh
. "$here/lib/say.sh"
# shellcheck source=lib/domain-disks.sh
. "$here/lib/domain-disks.sh"

[[ $# == 2 && $1 =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ && $2 =~ ^[a-z]+$ ]] || usage
domain=$1 target=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/disk.xml"
wanted=$(network_disks <"$work/disk.xml")
[[ $(grep -c . <<<"$wanted") == 1 ]] || refuse "stdin must hold the XML of one network disk"
IFS=$'\t' read -r wanted_target bus protocol name server serial <<<"$wanted"
[[ $wanted_target == "$target" ]] || refuse "the XML on stdin is for target $wanted_target, not $target"
[[ $serial != - ]] || refuse "the XML on stdin has no serial: it would not be recognised again"
known_domain_or_refuse "$domain"

# The same volume must not be written by two disks: one export, or one serial, is in use at most once on this host.
virsh list --all --name | while read -r other; do
  [[ -n $other ]] || continue
  { virsh dumpxml --inactive "$other" || true; virsh dumpxml "$other" || true; } 2>/dev/null | network_disks | sort -u |
    while IFS=$'\t' read -r at other_bus other_protocol other_name other_server other_serial; do
      [[ $other != "$domain" || $at != "$target" ]] || continue
      if [[ $other_serial == "$serial" || "$other_protocol $other_name $other_server" == "$protocol $name $server" ]]; then
        refuse "volume $name (serial $serial) is the disk $at ($other_bus) of domain $other already; detach it there first"
      fi
    done || exit 3
done || exit 3

# attached_in XML: 0 the very disk is there, 1 nothing is on the target; refuses another disk there.
attached_in() {
  local present
  target_in_use "$target" <"$1" || return 1
  present=$(disk_at "$target" <"$1")
  [[ $(cut -f 3-6 <<<"$present") == "$(cut -f 3-6 <<<"$wanted")" ]] ||
    refuse "domain $domain has another disk on target $target: ${present:-one that is no network disk}; expected none, or $protocol $name from $server with serial $serial"
}
attach() {
  local output
  output=$(virsh attach-device "$domain" "$work/disk.xml" "$@" 2>&1) && return
  printf '%s\n' "$output" >&2
  case $output in
    *onnect*) fail "attaching $name to $domain failed. QEMU connects at once, so the export on $server must be up before (group-start.sh on its primary), and must admit this host" ;;
    *) fail "attaching $name to $domain failed (libvirt's words are above)" ;;
  esac
}

state=$(domain_state "$domain")
virsh dumpxml --inactive "$domain" >"$work/persistent.xml"
if is_active "$state"; then
  virsh dumpxml "$domain" >"$work/live.xml"
  if ! attached_in "$work/live.xml"; then
    if [[ $bus == virtio || $bus == scsi ]]; then
      attach --live
      say "$name is attached to the running $domain as $target"
    else
      say "$domain is $state, and a $bus disk cannot be hot-plugged: $target appears when $domain is next started (shut it down and start it; a reboot from inside is not enough)"
    fi
  fi
fi
if ! attached_in "$work/persistent.xml"; then
  attach --config
  say "$name is in the definition of $domain as $target"
fi
