#!/usr/bin/env bash
# metrics.sh [FILE], for kvm-mirror-metrics.service
#
# Writes what is known of this mirror as metrics of Prometheus: to FILE, or to kvm-mirror.prom below
# /var/lib/prometheus/node-exporter, where node_exporter looks for it (textfile collector). It appears whole, by rename.
# docs/monitoring.md has the list.
# Asks no other machine, and changes nothing but that file and the records of `drbdadm verify`
# (replication/lib/verified.sh).
# A program that does not answer in time leaves a gap, which kvm_mirror_source_readable says.
# Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/lib/at-boot.sh"
. "$here/replication/lib/drbd-state.sh"
. "$here/placement/lib/group.sh"
. "$here/placement/lib/cluster.sh"
. "$here/placement/lib/cluster-state.sh"
. "$here/replication/lib/verified.sh"
. "$here/lib/json.sh"
. "$here/lib/call-waits.sh"
. "$here/backing/lib/pool.sh"
. "$here/backing/lib/pool-json.sh"

[[ $# -le 1 ]] || usage
target=${1:-/var/lib/prometheus/node-exporter/kvm-mirror.prom}
[[ $target == /* ]] || usage
work=$(mktemp -d)
trap 'rm -rf "$work" "$target.$$"' EXIT

# keep NAME COMMAND...: what it prints becomes $work/NAME, if it succeeds.
keep() {
  local name=$1
  shift
  if "$@" >"$work/$name.part" 2>/dev/null; then mv "$work/$name.part" "$work/$name"; fi
}

third_vote() { if ! has_third_vote; then echo none; elif qdevice_connected; then echo true; else echo false; fi; }

{
  cat /etc/kvm-mirror/monitoring/settings 2>/dev/null || true
  printf 'scripts %s\n' "$here"
} >"$work/settings"
keep addresses ip -4 -o addr show
if tgtd_listens; then keep targets timeout 10 tgtadm --lld iscsi --op show --mode target; else : >"$work/targets"; fi
if under_cluster; then
  keep cluster cluster_state
  keep third-vote third_vote
fi
find_pool_json
printf '%s\n' "$json" >"$work/pool"
# shellcheck disable=SC2046  # words
record_verifies $(volumes_and_minors) || say "the kernel's journal cannot be read, so what drbdadm verify found since" \
  "the last look is unknown"
python3 -BEsS "$here/monitoring/lib/metrics.py" "$work" "$EPOCHSECONDS" >"$work/metrics" \
  || fail "metrics.py failed; its error message is above"
# node_exporter reads *.prom; it must never see half a file. On the disk of its directory, for the rename.
if ! { install -D -m 0644 "$work/metrics" "$target.$$" && mv -T "$target.$$" "$target"; }; then
  fail "$target cannot be written"
fi
