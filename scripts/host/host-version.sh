#!/usr/bin/env bash
# host-version.sh                                (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# The versions of the libvirt daemon and of QEMU as JSON on stdout: {"libvirt": "9.0.0", "qemu": "7.2.22"}.
# Exit codes: 0 done, 1 libvirt does not answer or does not say, 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"

[[ $# == 0 ]] || usage
said=$(virsh version --daemon) || fail "libvirt does not answer; its error message is above"
libvirt=$(sed -n 's/^Running against daemon: \([0-9.]*\).*/\1/p' <<<"$said")
qemu=$(sed -n 's/^Running hypervisor: QEMU \([0-9.]*\).*/\1/p' <<<"$said")
[[ -n $libvirt && -n $qemu ]] || fail "virsh version --daemon does not say both versions: $said"
printf '{"libvirt":"%s","qemu":"%s"}\n' "$libvirt" "$qemu"
