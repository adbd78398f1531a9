#!/usr/bin/env bash
# cpu-fits.sh host                               (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
# cpu-fits.sh VIRT_TYPE MACHINE
#
# Whether a client can come here live: its guest goes on with the CPU that it has seen so far. stdin: <cpu> of the
# running domain; with `host`, of its KVM host, which such a guest sees as it is (host-passthrough).
# Exit codes: 0 it can, 2 usage, 3 refused: the CPU here lacks something; libvirt says what.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"

[[ ($# == 1 && $1 == host) || ($# == 2 && "$*" =~ ^[a-z]+\ [a-z0-9._-]+$) ]] || usage
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/cpu.xml"
if [[ $1 == host ]]; then
  compare=(cpu-compare "$work/cpu.xml")
else
  compare=(hypervisor-cpu-compare "$work/cpu.xml" --virttype "$1" --machine "$2")
fi
words=$(virsh "${compare[@]}" --error 2>&1) \
  || refuse "the CPU of $(uname -n) does not fit a client that runs: $(sed '/^$/d' <<<"$words" | tail -n 1)." \
    "Without --live it is shut down and started here"
