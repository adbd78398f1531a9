#!/usr/bin/env bash
# run.sh ARG…   scale.ts with Pulumi and a Node that is new enough (toolchain/env.sh).
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$here/../../toolchain/env.sh"
exec node "$here/scale.ts" "$@"
