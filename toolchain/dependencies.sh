#!/usr/bin/env bash
# Installs this repository's npm dependencies from the lock file, if they are not there already. Node must be on PATH.
set -euo pipefail
cd "$(dirname "$0")/.."

stamp=node_modules/.installed-from
wanted=$(sha256sum package.json package-lock.json | sha256sum | cut -d' ' -f1)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then exit 0; fi
echo "dependencies: installing npm packages" >&2
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
echo "$wanted" >"$stamp"
