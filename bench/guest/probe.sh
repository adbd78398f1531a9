# shellcheck shell=bash disable=SC2154 # disk and mark are set before it
# Asks what is on a disk, as root in the machine that has it: $disk is its path. Prints one line:
#   in-use WORDS    somebody has it open for himself: a file system, swap, RAID, LVM
#   content WORDS   something is on it
#   marked          bench has written it, and nothing else is known to be on it
#   empty           zeros, wherever it was read
# bench/guard.ts puts `disk=…` and `mark=…` before it.
set -euo pipefail

says() {
  printf '%s\n' "$*"
  exit 0
}

name=$(basename "$(readlink -f "$disk")")
mounted=$(lsblk -nro MOUNTPOINT "$disk" | grep . | head -n 1 || true)
[ -z "$mounted" ] || says "in-use it is mounted: $mounted"
holder=$(find "/sys/class/block/$name/holders" -mindepth 1 -printf '%f' -quit)
[ -z "$holder" ] || says "in-use it is part of $holder"
if command -v perl >/dev/null; then
  # The kernel refuses this while somebody has claimed the disk.
  perl -MFcntl -e 'sysopen(my $f, $ARGV[0], O_RDONLY | O_EXCL) or do { print "$!\n"; exit 1 }' "$disk" >/dev/null \
    || says "in-use it cannot be opened exclusively"
fi
# blkid's 2: nothing found. Its 8: more than one thing.
status=0
found=$(blkid -p -o value -s TYPE -s PTTYPE "$disk") || status=$?
[ "$status" = 2 ] || says "content $(tr '\n' ' ' <<<"${found:-signatures of more than one kind}")"
if [ "$(lsblk -nro NAME "$disk" | wc -l)" != 1 ]; then says "content partitions"; fi

size=$(blockdev --getsize64 "$disk")
blocks=$((size / 4096))
block() { dd if="$disk" bs=4096 skip="$1" count=1 iflag=direct status=none; }
marked() { [ "$(block "$1" | tr -d '\0')" = "$mark" ]; }
if marked 0 && marked $((blocks - 1)); then says marked; fi

# The first and the last MiB, and 62 places between them.
dd if="$disk" bs=1M count=1 iflag=direct status=none | cmp -s -n 1048576 - /dev/zero \
  || says "content data in the first MiB"
dd if="$disk" bs=4096 skip=$((blocks - 256)) count=256 iflag=direct status=none | cmp -s -n 1048576 - /dev/zero \
  || says "content data in the last MiB"
step=$((blocks / 63))
for place in $(seq 1 62); do
  dd if="$disk" bs=4096 skip=$((place * step)) count=16 iflag=direct status=none | cmp -s -n 65536 - /dev/zero \
    || says "content data at $((place * step * 4096)) bytes"
done
says empty
