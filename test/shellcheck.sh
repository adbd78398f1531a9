#!/usr/bin/env bash
# Runs shellcheck over every shell script in the repository.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v shellcheck >/dev/null || bash lab/packages.sh
mapfile -t scripts < <(bash test/shell-scripts.sh)
shellcheck "${scripts[@]}"
echo "shellcheck: ${#scripts[@]} scripts are clean"
