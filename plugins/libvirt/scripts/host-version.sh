#!/usr/bin/env bash
# Prints the versions of the libvirt daemon and of QEMU, as virsh does.
set -euo pipefail

virsh version --daemon
