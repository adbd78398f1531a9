# shellcheck shell=bash
# node_exporter on this mirror, as Debian and Ubuntu package it.
# shellcheck disable=SC2034  # for the scripts that load this

readonly exporter_package=prometheus-node-exporter
readonly exporter_unit=prometheus-node-exporter.service
readonly exporter_program=/usr/bin/prometheus-node-exporter
readonly exporter_dropin=/etc/systemd/system/$exporter_unit.d/kvm-mirror.conf
readonly exporter_files=/var/lib/prometheus/node-exporter
readonly metrics_timer=kvm-mirror-metrics.timer
readonly monitoring_dir=/etc/kvm-mirror/monitoring

# exporter_dropin ADDRESS:PORT: what is different from the package's own unit. By itself it listens at all addresses.
exporter_dropin() {
  cat <<EOF_DROPIN
# Written by monitoring-configure.sh of kvm-mirror (kvm-mirror:monitoring.nodeExporter).
[Unit]
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=
ExecStart=$exporter_program --web.listen-address=$1 --collector.textfile.directory=$exporter_files
Restart=on-failure
RestartSec=5
EOF_DROPIN
}
