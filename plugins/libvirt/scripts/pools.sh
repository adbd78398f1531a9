#!/usr/bin/env bash
# Prints the storage pools: names of the active ones, then the XML of every one, separated by NUL.
set -euo pipefail

virsh pool-list --name
virsh pool-list --all --name | while read -r pool; do # some versions pad names with spaces
  [[ -n $pool ]] || continue
  printf '\0'
  virsh pool-dumpxml "$pool"
done
