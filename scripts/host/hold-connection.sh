#!/usr/bin/env bash
# hold-connection.sh                             (on a KVM host)
#
# Holds the ssh connection that it was started by, and what is forwarded through it, until stdin ends.
set -euo pipefail
cat >/dev/null
