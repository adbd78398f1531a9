#!/usr/bin/env bash
# Answers yes or no: do guests really run on /dev/kvm here? The device alone says nothing: in some virtual machines it opens, and guests hang.
# Boots a disk of one sector whose code asks QEMU to exit with a code that means success; the BIOS runs before it, on the same processor.
set -euo pipefail

answer() { printf '%s\n' "$1"; exit; }

[[ -r /dev/kvm && -w /dev/kvm ]] || answer no
sector=$(mktemp)
trap 'rm -f "$sector"' EXIT
truncate --size 512 "$sector"
printf '\xb0\x10\xe6\xf4\xf4' | dd of="$sector" conv=notrunc status=none             # mov al,0x10; out 0xf4,al; hlt
printf '\x55\xaa' | dd of="$sector" bs=1 seek=510 conv=notrunc status=none          # the mark of a boot sector
code=0
timeout --kill-after=1 10 qemu-system-x86_64 -accel kvm -m 64 -nodefaults -display none -no-reboot \
  -device isa-debug-exit,iobase=0xf4,iosize=1 -drive "file=$sector,format=raw,if=ide" >/dev/null 2>&1 </dev/null || code=$?
# isa-debug-exit: exit code = value * 2 + 1
if ((code == 0x10 * 2 + 1)); then answer yes; else answer no; fi
