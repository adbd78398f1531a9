#!/usr/bin/env bash
# hold-connection.sh                             (on a KVM host)
#
# Holds the ssh connection that it was started by, and what is forwarded through it, until stdin ends.
# Exit codes: 0 it has ended, 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"

[[ $# == 0 ]] || usage
cat >/dev/null
