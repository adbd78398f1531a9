#!/usr/bin/env bash
# migrate-client.sh FROM_URI TO_URI DOMAIN ADDRESS [TARGET,...]
#
# Migrates a client, live, from one KVM host to another: migrate-client.sh of scripts/host, which it runs on the first
# one with the same words, and its XML there on stdin. libvirt of the first host reaches that of the second one through
# this machine: two ssh connections, and no key of one host on the other. The guest's memory and disks go from host to
# host, to ADDRESS.
# When this script is ended, libvirt on both hosts ends the migration: the guest goes on where it was, unless it was
# handed over already (client-migration.sh says so).
# Exit codes: those of the script; 255 when ssh failed; 2 usage.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"

[[ $# -ge 4 && $# -le 5 ]] || usage
from=$1 to=$2
shift 2
export KVM_MIRROR_SHARE=no
# A socket's path may have 107 characters.
work=$(mktemp -d -p /tmp)
trap 'rm -rf "$work"' EXIT
cat >"$work/domain.xml"

far=$(bash "$here/on-host.sh" "$to" libvirt-socket.sh </dev/null) || exit
near=$far
if [[ ! $to =~ ^[a-z]+:/// ]]; then
  near=$work/libvirt
  # It ends with this script, however that ends: its stdin does.
  mkfifo "$work/hold"
  KVM_MIRROR_FORWARD="-L $near:$far" bash "$here/on-host.sh" "$to" hold-connection.sh <"$work/hold" >/dev/null &
  tunnel=$!
  exec 4>"$work/hold"
  for ((tries = 0; tries < 150; tries++)); do
    if [[ -S $near ]]; then break; fi
    kill -0 "$tunnel" 2>/dev/null || fail "no way to libvirt of $to; ssh's error message is above"
    sleep 0.1
  done
  [[ -S $near ]] || fail "no way to libvirt of $to within 15 s"
fi
if [[ $from =~ ^[a-z]+:/// ]]; then
  status=0
  bash "$here/on-host.sh" "$from" migrate-client.sh "$1" "$near" "${@:2}" <"$work/domain.xml" || status=$?
  exit "$status"
fi
random=$(od -An -N 12 -t x1 /dev/urandom | tr -d ' \n')
socket=/tmp/kvm-mirror-$random
status=0
KVM_MIRROR_FORWARD="-R $socket:$near" bash "$here/on-host.sh" "$from" migrate-client.sh "$1" "$socket" "${@:2}" \
  <"$work/domain.xml" || status=$?
exit "$status"
