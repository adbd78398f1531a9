#!/usr/bin/env bash
# preview.sh [OPTION…]                           npm run policy -- --stack <env>
# Shows what `pulumi up` would change, compared with what is really there, and judges it by the rules of this folder.
# Changes nothing. Options are those of `pulumi preview`.
# Exit status: pulumi's; not 0 when a rule is broken.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."

# shellcheck source=toolchain/env.sh
. toolchain/env.sh
bash toolchain/dependencies.sh
exec pulumi preview --diff --refresh --policy-pack "$here" "$@"
