#!/usr/bin/env bash
# watch-writes.sh [EVERY], for kvm-mirror-watch-writes.service
#
# Keeps in /run/kvm-mirror/writes how long writes took over the last minute (lib/write-times.sh). DRBD does nothing
# about a disk that is slow and not dead, and a single look at the kernel's counters says nothing. Who reads the file
# decides what is slow. Both mirrors run it in either failover mode. It reads /sys, so no disk can hold it up, takes no
# lock, and starts a process or two for each look.
#   EVERY  seconds from look to look (10)
# It ends when other scripts have been installed in place of these; systemd starts the new one.
# Exit codes: 0 it ended so, 1 failed, 2 usage.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/monitoring/lib/write-times.sh"

[[ $# == 0 || ($# == 1 && $1 =~ ^[0-9]+([.][0-9]+)?$) ]] || usage
self=$(readlink -f "$0")
make_directory "${writes_file%/*}"
for ((look = 0; ; look++)); do
  [[ $0 -ef $self ]] || exit 0
  # Volumes come and go, and a logical volume may get another number.
  if ((look % (writes_looks - 1) == 0)); then find_write_devices; fi
  said=''
  look_at_writes
  printf '%s' "$said" >"$writes_file.new"
  mv -T "$writes_file.new" "$writes_file"
  pause "${1:-$writes_every}"
done
