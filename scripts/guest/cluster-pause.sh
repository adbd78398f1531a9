#!/usr/bin/env bash
# cluster-pause.sh SECONDS
#
# Puts the cluster into maintenance mode, in which it starts, stops and watches nothing, for the time of a planned switch:
# group-stop.sh and group-start.sh move a group within a second or two, where the cluster needs a dozen steps. cluster-resume.sh
# ends it. Should nobody come to run that, this mirror does so itself SECONDS from now: no failure finds the cluster asleep for longer.
# Said on both mirrors, so that the death of one leaves the other's clock. A lost mirror is fenced all the same meanwhile.
# Exit codes: 0 paused, 1 failed, 2 usage, 3 refused.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib/say.sh
. "$here/lib/say.sh"
# shellcheck source=lib/cluster.sh
. "$here/lib/cluster.sh"

[[ $# == 1 && $1 =~ ^[1-9][0-9]*$ ]] || usage
refuse_without_cluster
read_cluster
refuse_unless_both_members "$state"
standby=$(sed -n 's/^ *<node name="\([^"]*\)" .* standby="true".*/\1/p' <<<"$state")
[[ -z $standby ]] || refuse "$standby is in standby: the cluster would move away again what it is given (npm run maintain -- $standby --done)"
systemctl stop "$resume_timer" 2>/dev/null || true
systemd-run --quiet --collect --unit "${resume_timer%.timer}" --on-active "$1" /usr/local/lib/kvm-mirror/cluster-resume.sh 120 ||
  fail "systemd-run, which would wake the cluster again, failed (its words are above)"
crm_attribute --type crm_config --name maintenance-mode --update true >&2 || fail "Pacemaker did not take the pause (its words are above)"
say "the cluster starts and stops nothing for $1 s at most"
