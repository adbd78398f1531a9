#!/usr/bin/env bash
# inventory.sh keep | show
#
# The inventory of the stack as the last successful `pulumi up` left it, for an operator who cannot ask Pulumi. It holds
# no secret.
#   keep   the document on stdin becomes /var/lib/kvm-mirror/inventory.json, whole or not at all
#   show   prints it on stdout, and on stderr when it was left here
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"

[[ $# == 1 && $1 =~ ^(keep|show)$ ]] || usage
kept=$record_dir/inventory.json
if [[ $1 == show ]]; then
  [[ -r $kept ]] || refuse "there is no inventory on this mirror (expected $kept). The first \`pulumi up\` that" \
    "succeeds leaves one"
  say "left here by \`pulumi up\` at $(date -u -r "$kept" '+%F %T UTC')"
  cat "$kept"
else
  document=$(cat)
  # The document may have been cut off on its way.
  python3 -c 'import json, sys; sys.exit(not isinstance(json.load(sys.stdin), dict))' <<<"$document" 2>/dev/null \
    || refuse "stdin is no JSON object"
  printf '%s\n' "$document" | write_durably "$kept" 0600
fi
