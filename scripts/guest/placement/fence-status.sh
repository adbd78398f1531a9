#!/usr/bin/env bash
# fence-status.sh
#
# A dry run of fencing, for `kvm-mirror check`: asks with the agent, key and settings that the cluster has whether the
# peer runs. Turns nothing off. On a peer that runs it takes as long as fencing would wait (fenceDelay). JSON on stdout:
#   {"mirror": the peer, "status": "on", "off", or null when the agent does not get there, "said": its last words}
# Exit codes: 0 done, whatever the answer was, 1 failed, 2 usage, 3 refused: in no cluster.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/lib/json.sh"
. "$here/placement/lib/cluster.sh"

[[ $# == 0 ]] || usage
refuse_without_cluster
peer=$(sed -n 's/^PEER=//p' "$cluster_file")
name_or_usage "$peer"
device=$(timeout 30 cibadmin --query --xpath "//primitive[@id='fence-$peer']/instance_attributes") \
  || fail "the cluster's configuration has no device that turns $peer off, or cannot be read"
# Settings that the agent itself takes; pcmk_… are Pacemaker's. The longest wait is fenceDelay, 60 s.
settings=$(sed -n 's/.*<nvpair [^>]*name="\([a-z_]*\)" value="\([^"]*\)".*/\1=\2/p' <<<"$device" | sed '/^pcmk_/d')
[[ $settings == *ip=* ]] || fail "the device that turns $peer off says no address: $device"
status=0
said=$(printf '%s\n' "$settings" "plug=$peer" action=status | timeout 100 fence_virsh 2>&1) || status=$?
case $status in
  0) state='"on"' ;;
  2) state='"off"' ;;
  124)
    state=null
    said='no answer within 100 s'
    ;;
  *) state=null ;;
esac
said=$(sed '/^[[:space:]]*$/d' <<<"$said" | tail -n 1)
printf '{"mirror":%s,"status":%s,"said":%s}\n' "$(json_text "$peer")" "$state" "$(json_text "$said")"
