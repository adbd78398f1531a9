#!/usr/bin/env bash
# run.sh ARG…   simulate.ts with a Node that is new enough.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
node_bin=$(bash "$here/../toolchain/node.sh")
PATH="$node_bin:$PATH" exec node "$here/simulate.ts" "$@"
