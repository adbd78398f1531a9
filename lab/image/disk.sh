#!/usr/bin/env bash
# disk.sh ROOT IMAGE: makes a disk image that boots by BIOS (qcow2) from the directory tree ROOT.
# Works on plain files alone, without loop devices or mounts: a kernel without partition support, as in many sandboxes,
# has no nodes for the partitions of a loop device. GRUB's two stages are laid where grub-install would put them:
# boot.img in the first sector, core.img in the gap between that and the partition, from sector 1 on (where an unpatched
# boot.img looks for it).
set -euo pipefail

readonly root=$1 image=$2
readonly size_mib=3072 start_sector=2048 sector=512
readonly grub=/usr/lib/grub/i386-pc
readonly grub_modules=(biosdisk part_msdos ext2 normal configfile linux serial terminal boot)

raw=$(mktemp --tmpdir="$(dirname "$image")" disk.XXXXXXXX)
trap 'rm -f "$raw" "$raw.core" "$raw.early"' EXIT

truncate --size "${size_mib}M" "$raw"
printf 'start=%d, type=83, bootable\n' "$start_sector" | sfdisk --quiet --label dos "$raw"

# GRUB 2.06 reads neither of the two features that newer e2fsprogs switch on. The inode tables are written now, not by
# the guest in its first minutes.
mke2fs -q -t ext4 -d "$root" -L root -m 1 -J size=16 -O '^metadata_csum_seed,^orphan_file' \
  -E "offset=$((start_sector * sector)),lazy_itable_init=0,lazy_journal_init=0" \
  "$raw" "$((size_mib - start_sector * sector / 1048576))M"

# shellcheck disable=SC2016 # GRUB's variables
printf '%s\n' 'normal ($root)/boot/grub/grub.cfg' >"$raw.early"
grub-mkimage --format i386-pc --directory "$grub" --prefix '(,msdos1)/boot/grub' --config "$raw.early" \
  --output "$raw.core" "${grub_modules[@]}"
core_sectors=$((($(stat --format %s "$raw.core") + sector - 1) / sector))
if ((core_sectors >= start_sector)); then
  printf 'disk.sh: core.img takes %d sectors, and %d are free before the partition\n' \
    "$core_sectors" "$((start_sector - 1))" >&2
  exit 1
fi
dd if="$grub/boot.img" of="$raw" bs=440 count=1 conv=notrunc status=none
dd if="$raw.core" of="$raw" bs="$sector" seek=1 conv=notrunc status=none

qemu-img convert -f raw -O qcow2 "$raw" "$image"
