#!/usr/bin/env bash
# client-elsewhere.sh CLIENT UUID OWNER ACTIVE KIND [NAME URI]...
#
# Makes sure that a client of a stack is not on at these KVM hosts, and is not started there by hand. They are not, or
# no longer, among its hosts. `up` is about to permit and start the client elsewhere, and only afterwards takes it off
# the hosts that it left.
#   UUID                 of a machine of the stack; "-": the client is the VM team's, and goes by its name
#   OWNER ACTIVE KIND    as permit-client.sh takes them; a host without a permit of the client gets none
# Exit codes: 0 it is off there, 2 usage, 3 refused: it is on, or a host cannot be asked.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"
. "$here/lib/ask-host.sh"

[[ $# -ge 5 && $(($# % 2)) == 1 ]] || usage
client=$1 uuid=$2 owner=$3 active=$4 kind=$5
shift 5
while (($# > 0)); do
  way_out="It would be started a second time. Put $1 back into its \`hosts\` and run \`pulumi up\`,"
  way_out+=" which shuts it down there first. Then take $1 out in an \`up\` of its own"
  if [[ $uuid == - ]]; then
    way_out="Shut it down there first, or keep $1 in its \`hosts\` while \`active\` moves"
  else
    ask_host "$1" "$2" "$way_out" domain-off.sh "$client" "$uuid"
  fi
  ask_host "$1" "$2" "$way_out" permit-client.sh --known "$owner" "$client" elsewhere "$active" "$1" "$kind" "$uuid"
  shift 2
done
