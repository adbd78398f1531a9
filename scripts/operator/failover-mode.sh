#!/usr/bin/env bash
# failover-mode.sh MODE TARGET HOSTKEY TARGET HOSTKEY
#
# Runs before anything else in an `up`. Refuses (3) to go from automatic failover back to manual while a mirror
# (user@address, host key) is still in its cluster: Pacemaker would go on deciding, and `up` would stop half way.
# The mode of the run before comes from Pulumi, in PULUMI_COMMAND_STDOUT.
# stdout: "failover MODE".
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused; 255 a mirror that cannot be reached.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"

[[ $# == 5 && $1 =~ ^(manual|automatic)$ ]] || usage
target_or_usage "$2" "$3"
target_or_usage "$4" "$5"
mode=$1
refuse() {
  say "refused: $*"
  exit 3
}

if [[ $mode == manual && ${PULUMI_COMMAND_STDOUT:-} == *"failover automatic"* ]]; then
  for mirror in 2 4; do
    key=$((mirror + 1)) status=0
    mirror_ssh "${!mirror}" "${!key}" 'sudo -n test ! -e /etc/kvm-mirror/cluster' </dev/null || status=$?
    ((status != 1)) || refuse "this stack has automatic failover, and ${!mirror} is still in its cluster: Pacemaker" \
      "starts and stops the groups there. Nothing was touched. Put \`mode: automatic\` back into kvm-mirror:failover." \
      "The way to manual failover stops all clients: docs/automatic-failover.md (Back to manual failover)"
    ((status == 0)) || fail "ssh to ${!mirror} failed with status $status, so it is unknown whether it has left its" \
      "cluster. Nothing was touched"
  done
fi
printf 'failover %s\n' "$mode"
