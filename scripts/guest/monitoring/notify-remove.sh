#!/usr/bin/env bash
# notify-remove.sh
#
# Takes back what notify-configure.sh has done: this mirror tells nobody any more, and has forgotten the secrets.
# Safe to run twice. Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/lib/at-boot.sh"
. "$here/monitoring/lib/notify-state.sh"

[[ $# == 0 ]] || usage
take_lock notify 300
[[ -e $notify_settings ]] || exit 0
not_at_boot "$notify_unit"
systemctl stop "$notify_unit" || fail "$notify_unit did not stop: systemctl status $notify_unit"
rm -rf "$notify_settings" "$notify_state"
sync "${notify_settings%/*}"
say "nobody is told any more"
