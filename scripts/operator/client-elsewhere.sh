#!/usr/bin/env bash
# client-elsewhere.sh CLIENT UUID [NAME URI]...
#
# Makes sure that a client of the stack is not on at these KVM hosts. They are not, or no longer, among its hosts. `up`
# is about to start the client elsewhere, and only afterwards takes it off the hosts that it left.
# Exit codes: 0 it is off there, 2 usage, 3 refused: it is on, or a host cannot be asked.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"
. "$here/lib/ask-host.sh"

[[ $# -ge 2 && $(($# % 2)) == 0 ]] || usage
client=$1 uuid=$2
shift 2
while (($# > 0)); do
  way_out="It would be started a second time. Put $1 back into its \`hosts\` and run \`pulumi up\`,"
  way_out+=" which shuts it down there first. Then take $1 out in an \`up\` of its own"
  ask_host "$1" "$2" "$way_out" domain-off.sh "$client" "$uuid"
  shift 2
done
