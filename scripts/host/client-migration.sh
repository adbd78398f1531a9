#!/usr/bin/env bash
# client-migration.sh DOMAIN                     (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# What a live migration of a client has to know of this host, as JSON on stdout:
#   {"state": libvirt's word; "undefined"; "unknown" where libvirt does not say,
#    "reason": why it is in that state,
#    "qemu": QEMU's own word for a domain that is paused: postmigrate (it has handed its guest over), inmigrate (it does
#            not have all of it yet), paused, …; else "",
#    "migrating": whether a migration of it is under way from here,
#    "saved": whether its memory is saved to disk,
#    "permit": here, elsewhere, incoming, none or unreadable (lib/permits.sh),
#    "attached": the disks of ours that QEMU of a running domain has, by target,
#    "sizes": [{"target", "bytes"}] of its disks that are this host's own,
#    "cpu": <cpu> of this host, in base64,
#    "xml": of the running domain as it would migrate, else its definition, in base64; "" where it is undefined}
# Exit codes: 0 done, 1 libvirt does not answer, 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/domain-disks.sh"
. "$here/lib/as-root.sh"
. "$here/lib/permits.sh"
. "$here/lib/monitor.sh"
. "$here/lib/left-by-migration.sh"

[[ $# == 1 && $1 =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ ]] || usage
domain=$1

# listed: lines on stdin, with commas between them.
listed() { paste -sd, -; }

virsh list --all --name >/dev/null || fail "libvirt does not answer; its error message is above"
state=$(domain_state "$domain") reason='' qemu='' migrating=false saved=false attached='' sizes='' cpu='' xml=''
if [[ $state != undefined && $state != unknown ]]; then
  reason=$(pause_reason "$domain")
  ! memory_saved "$domain" || saved=true
  kind=--inactive
  if is_active "$state"; then
    kind=--migratable
    if [[ $(virsh domjobinfo "$domain" 2>/dev/null) =~ Operation:\ +Outgoing ]]; then
      migrating=true
    elif [[ $state == paused ]]; then
      qemu=$(qemu_status "$domain") || qemu=''
    else
      attached=$(live_disks "$domain" | awk -F '\t' '{ printf "\"%s\"\n", $1 }' | listed)
    fi
  fi
  cpu=$(virsh capabilities | sed -n '/<cpu>/,/<\/cpu>/p')
  xml=$(virsh dumpxml "$kind" --security-info "$domain") || fail "libvirt does not show $domain"
  own=$(virsh domblklist "$domain" --details | awk '$1 == "file" || $1 == "block" { print $3 }')
  sizes=$(for target in $own; do
    about=$(virsh domblkinfo "$domain" "$target" 2>/dev/null) || about=''
    bytes=$(sed -n 's/^Capacity: *\([0-9][0-9]*\) *$/\1/p' <<<"$about")
    if [[ -n $bytes ]]; then printf '{"target":"%s","bytes":%s}\n' "$target" "$bytes"; fi
  done | listed)
fi
printf '{"state":"%s","reason":"%s","qemu":"%s","migrating":%s,"saved":%s,"permit":"%s","attached":[%s],' \
  "$state" "$reason" "$qemu" "$migrating" "$saved" "$(permit_of "$domain")" "$attached"
printf '"sizes":[%s],"cpu":"%s","xml":"%s"}\n' "$sizes" "$(base64 -w 0 <<<"$cpu")" "$(base64 -w 0 <<<"$xml")"
