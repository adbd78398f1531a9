#!/usr/bin/env bash
# old-exports.sh GROUP
#
# The exports of a group that an older version configured, which made no table of them (lib/exports.sh), as rows of one:
# read back from nbd-server's and tgt's own files. Until the next `pulumi up` brings the table, the mirror serves by
# these rows, and that `up` decides by them which client loses an export. Prints nothing for a group that is not
# configured here.
# Delete this file, its call in exports/lib/exports.sh and the tests that name it when every mirror has a GROUP.exports
# beside each GROUP.env in /etc/kvm-mirror: one `pulumi up` of every stack by a version that makes the table.
# Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"

[[ $# == 1 ]] || usage
name_or_usage "$1"
group=$1 nbd=/etc/nbd-server/kvm-mirror-$1.conf tgt=/etc/tgt/kvm-mirror/$1.conf
[[ -r /etc/kvm-mirror/$group.env ]] || exit 0
VIP='' VOLUMES='' NBD_PORT=10809 ISCSI_PORT=3260
# shellcheck source=/dev/null
. "/etc/kvm-mirror/$group.env"

# admitted ADDRESS...: as a field of the table.
admitted() {
  local IFS=,
  printf '%s' "${*:--}"
}

if [[ -r $nbd ]]; then
  while read -r name device list; do
    addresses=()
    if [[ -r $list ]]; then mapfile -t addresses < <(grep -E '^[0-9][0-9.]*$' "$list" || true); fi
    volume=${list##*"/kvm-mirror-$group-"}
    printf '%s nbd %s:%s/%s %s %s\n' "${volume%.allow}" "$VIP" "$NBD_PORT" "$name" "$device" \
      "$(admitted "${addresses[@]}")"
  done < <(awk '/^[ \t]*\[/ { name = $1; gsub(/[][]/, "", name) }
    $1 == "exportname" { device = $3 } $1 == "authfile" { print name, device, $3 }' "$nbd")
fi

# volume_on DEVICE: tgt's file does not name it.
volume_on() {
  local volume
  for volume in $VOLUMES; do
    if [[ /dev/drbd$(drbdadm sh-minor "$volume" 2>/dev/null) == "$1" ]]; then printf '%s' "$volume" && return; fi
  done
  printf '%s' "${1#/dev/}"
}
if [[ -r $tgt ]]; then
  # A target that admits loopback alone admits nobody.
  while read -r name device addresses; do
    read -ra addresses <<<"$addresses"
    printf '%s iscsi %s:%s/%s %s %s\n' "$(volume_on "$device")" "$VIP" "$ISCSI_PORT" "$name" "$device" \
      "$(admitted "${addresses[@]}")"
  done < <(awk '$1 == "<target" { name = $2; sub(/>$/, "", name); addresses = "" }
    $1 == "<backing-store" { device = $2; sub(/>$/, "", device) }
    $1 == "initiator-address" && $2 != "127.0.0.1" { addresses = addresses " " $2 }
    $1 == "</target>" { print name, device addresses }' "$tgt")
fi
