#!/usr/bin/env bash
# Type-checks the whole repository: Node strips types at run time and checks nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
node_bin=$(bash toolchain/node.sh)
export PATH="$node_bin:$PATH"
bash toolchain/dependencies.sh
exec node node_modules/typescript/bin/tsc --noEmit
