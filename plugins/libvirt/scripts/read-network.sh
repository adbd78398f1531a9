#!/usr/bin/env bash
# Prints net-info and the persistent XML of a network, separated by NUL; nothing when there is none.
# usage: read-network NAME
set -euo pipefail

listed "$1" net-list --all || exit 0
virsh net-info "$1"
printf '\0'
virsh net-dumpxml --inactive "$1"
