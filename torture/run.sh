#!/usr/bin/env bash
# run.sh ARG…   torture.ts with a Node that is new enough. It runs outside the lab's namespaces, and enters the
#               operator's for each command.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
node_bin=$(bash "$here/../toolchain/node.sh")
PATH="$node_bin:$PATH" exec node "$here/torture.ts" "$@"
