#!/usr/bin/env bash
# Prints yes or no: does libvirt offer KVM here?
set -euo pipefail

if seen=$(virsh domcapabilities --virttype kvm 2>&1 >/dev/null); then
  printf 'yes\n'
elif virsh domcapabilities --virttype qemu >/dev/null; then
  printf 'no\n'
else
  fail "${seen##*error: }"
fi
