#!/usr/bin/env bash
# nbd-check.sh GROUP
#
# Whether every export of the group's NBD configuration names an address list that exists (lib/nbd-lists.sh).
# Exit codes: 0 yes, 2 usage, 3 refused: no.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/exports/lib/nbd-lists.sh"

[[ $# == 1 ]] || usage
name_or_usage "$1"
refuse_without_lists "$1"
