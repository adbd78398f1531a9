#!/usr/bin/env bash
# Stands for QEMU on a slowed host: the guest, and QEMU's time-outs with it, keep slowed time (lib/slowed.sh).
# libvirt passes few environment variables on to it: therefore files in /run/host.
set -euo pipefail

# shellcheck source=lab/lib/slowed.sh
source /run/host/slowed.sh
guests_clock /run/host
exec env "${clock[@]}" "/usr/bin/${0##*/}" "$@"
