#!/usr/bin/env bash
# iscsi-serve.sh GROUP | iscsi-serve.sh --active
#
# Brings the running tgtd to what the group's table of exports says (a target's settings are in
# /etc/tgt/kvm-mirror/GROUP.conf), and opens the portal on the group's VIP. Open sessions are left alone.
#   --active  does so for every group that is active on this mirror. tgt.service runs it after each start of tgtd, so
#             that exports come back when tgtd was restarted by a package upgrade or after a crash
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/drbd-state.sh"
. "$here/lib/group.sh"
. "$here/lib/iscsi.sh"

[[ $# == 1 ]] || usage
if [[ $1 == --active ]]; then
  groups=()
  for file in "$active_dir"/*; do
    if [[ -e $file ]]; then groups+=("${file##*/}"); fi
  done
else
  name_or_usage "$1"
  groups=("$1")
fi

for group in "${groups[@]}"; do
  load_group "$group"
  [[ $ISCSI == yes ]] || continue
  serve_targets "$group" || fail "tgtd did not take the targets of group $group; its error message is above"
done
