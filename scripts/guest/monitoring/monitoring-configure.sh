#!/usr/bin/env bash
# monitoring-configure.sh
#
# Has Prometheus' node_exporter (package prometheus-node-exporter) show this mirror, and with it the metrics of
# kvm-mirror (metrics.sh, every 15 s). It listens at one address alone. It is installed from the package archive where
# it is missing; where it is there, it is started anew when its address has changed. stdin, one a line:
#   stack NAME            of Pulumi: a label of every metric
#   listen ADDRESS:PORT   of this mirror
#   end
# Refuses (3): another program has that port.
# Safe to run twice. Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/lib/at-boot.sh"
. "$here/exports/lib/sockets.sh"
. "$here/monitoring/lib/exporter.sh"

[[ $# == 0 ]] || usage
stack='' listen='' whole=no
while read -r word value; do
  case $word in
    stack) stack=$value ;;
    listen) listen=$value ;;
    end) whole=yes ;;
    *) refuse "the document on stdin has a line '$word $value'" ;;
  esac
done
[[ $whole == yes ]] || refuse "the document on stdin is cut short: it does not end with 'end'"
[[ $stack =~ ^[A-Za-z0-9_.-]+$ ]] || refuse "the document on stdin names no stack"
[[ $listen =~ ^[0-9.]+:[0-9]+$ ]] || refuse "the document on stdin has no address to listen at"

take_lock monitoring 300
answers() { socket_listens "${listen%:*}" "${listen#*:}"; }
if answers && ! systemctl is-active --quiet "$exporter_unit"; then
  refuse "another program listens on $listen. See which: ss -Hltnp sport = :${listen#*:}. Stop it, or leave" \
    "kvm-mirror:monitoring.nodeExporter out"
fi
# Before the package is there: at its first start it must listen nowhere else.
changed=no
if ! exporter_dropin "$listen" | cmp -s - "$exporter_dropin"; then
  exporter_dropin "$listen" | write_durably "$exporter_dropin" 0644
  changed=yes
fi
printf 'stack %s\n' "$stack" | write_durably "$monitoring_dir/settings" 0644
make_directory "$exporter_files"
chmod 0755 "$exporter_files"
[[ $changed == no ]] || systemctl daemon-reload
if [[ ! -x $exporter_program ]]; then
  say "installing $exporter_package"
  { DEBIAN_FRONTEND=noninteractive apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -o \
    Dpkg::Use-Pty=0 install -y --no-install-recommends "$exporter_package"; } >&2 </dev/null \
    || fail "the package $exporter_package could not be installed; apt's error message is above. Mend the route to" \
      "the package archive (kvm-mirror:packages), or leave kvm-mirror:monitoring.nodeExporter out"
fi
start_at_boot "$exporter_unit"
if [[ $changed == yes ]] || ! systemctl is-active --quiet "$exporter_unit"; then
  systemctl restart "$exporter_unit" \
    || fail "$exporter_unit did not start: systemctl status $exporter_unit"
fi
wait_for 30 answers || fail "$exporter_unit does not listen on $listen within 30 s: systemctl status $exporter_unit"
"$here/monitoring/metrics.sh"
start_at_boot "$metrics_timer" "/etc/systemd/system/$metrics_timer"
systemctl start "$metrics_timer" || fail "$metrics_timer did not start: systemctl status $metrics_timer"
say "metrics are at http://$listen/metrics"
