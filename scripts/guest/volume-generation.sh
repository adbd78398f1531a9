#!/usr/bin/env bash
# volume-generation.sh VOLUME
#
# Prints DRBD's generation identifiers of a volume, from which it knows whose data is newer (drbdmeta(8), get-gi):
# CURRENT:BITMAP:HISTORY:HISTORY and the flags, one line. Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/drbd-state.sh"

[[ $# == 1 ]] || usage
name_or_usage "$1"
minor_of "$1" >/dev/null
said=$(drbdadm get-gi "$1" </dev/null 2>&1) || fail "drbdadm get-gi $1: ${said//$'\n'/; }"
# After a crash drbdmeta first prints what it would repair.
line=$(grep -E '^([0-9A-F]{16}:){4}' <<<"$said") || fail "drbdadm get-gi $1 printed no identifiers: ${said//$'\n'/; }"
printf '%s\n' "$line"
