#!/usr/bin/env bash
# fence-forget.sh DOMAIN                                   (on a KVM host)
#
# Removes the key that fence-allow.sh let in for the mirror DOMAIN. Not there: nothing happens.
# Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/authorized-keys.sh"

[[ $# == 1 && $1 =~ ^[A-Za-z0-9][A-Za-z0-9_-]*$ ]] || usage
authorize "$1" ''
