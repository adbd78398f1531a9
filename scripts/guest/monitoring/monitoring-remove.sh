#!/usr/bin/env bash
# monitoring-remove.sh
#
# Takes back what monitoring-configure.sh has done: nothing of kvm-mirror is shown any more, and node_exporter does not
# listen. Its package stays.
# Safe to run twice. Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/lib/at-boot.sh"
. "$here/monitoring/lib/exporter.sh"

[[ $# == 0 ]] || usage
take_lock monitoring 300
[[ -e $exporter_dropin || -e $monitoring_dir/settings ]] || exit 0
not_at_boot "$metrics_timer"
not_at_boot "$exporter_unit"
systemctl stop "$metrics_timer" || fail "$metrics_timer did not stop: systemctl status $metrics_timer"
systemctl stop "$exporter_unit" || fail "$exporter_unit did not stop: systemctl status $exporter_unit"
rm -f "$exporter_files/kvm-mirror.prom" "$monitoring_dir/settings" "$exporter_dropin"
rmdir "${exporter_dropin%/*}" 2>/dev/null || true
systemctl daemon-reload
say "node_exporter is off. Its package is still there: apt-get purge $exporter_package"
