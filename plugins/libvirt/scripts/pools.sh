#!/usr/bin/env bash
# Prints the storage pools: names of the active ones, then the XML of every one, separated by NUL.
set -euo pipefail

virsh pool-list --name
virsh pool-list --all --name | while IFS= read -r pool; do
  [[ -n $pool ]] || continue
  printf '\0'
  virsh pool-dumpxml "$pool"
done
