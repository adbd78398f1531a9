#!/usr/bin/env bash
# kvm-works.sh KERNEL: answers yes or no: does a Linux guest really run on /dev/kvm here?
# The device alone proves nothing: in some virtual machines it opens, and a boot sector even runs, but a kernel hangs.
# Boots KERNEL with no disk. Where KVM works, the kernel complains about that and asks for a reset after 2 s or so.
set -euo pipefail

readonly kernel=$1 seconds=15

answer() {
  printf '%s\n' "$1"
  exit
}

[[ -r $kernel ]] || {
  printf 'kvm-works.sh: cannot read the kernel %s\n' "$kernel" >&2
  exit 1
}
[[ -r /dev/kvm && -w /dev/kvm ]] || answer no
console=$(timeout --kill-after=1 "$seconds" \
  qemu-system-x86_64 -accel kvm -m 256 -nodefaults -display none -no-reboot -serial stdio \
  -kernel "$kernel" -append 'console=ttyS0 panic=-1' </dev/null 2>/dev/null) || true
if [[ $console = *'Kernel panic'*'root fs'* ]]; then answer yes; else answer no; fi
