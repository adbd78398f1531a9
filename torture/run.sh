#!/usr/bin/env bash
# run.sh ARG…   torture.ts with a Node that is new enough. It runs outside the lab's namespaces, and enters the
#               operator's for each command. In a slowed lab its clock is the guests': what it measures and waits for
#               is in their seconds.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lab/lib/slowed.sh
source "$here/../lab/lib/slowed.sh"

prefix=kvm
for ((at = 1; at <= $#; at++)); do
  case ${!at} in
    --real) prefix='' ;;
    --prefix)
      at=$((at + 1))
      prefix=${!at:-}
      ;;
    --prefix=*) prefix=${!at#*=} ;;
  esac
done
node_bin=$(bash "$here/../toolchain/node.sh")
clock=()
if [[ -n $prefix ]]; then guests_clock "/run/kvm-mirror/$prefix"; fi
PATH="$node_bin:$PATH" exec env "${clock[@]}" node "$here/torture.ts" "$@"
