#!/usr/bin/env bash
# Runs shellcheck over every shell script in the repository, known by name or by first line.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v shellcheck >/dev/null || bash lab/packages.sh
mapfile -t scripts < <(
  git ls-files --cached --others --exclude-standard | while IFS= read -r file; do
    [ -f "$file" ] || continue
    case ${file##*/} in
      *.sh) echo "$file" ;;
      *.*) ;;
      *) if head -c 64 "$file" | head -n 1 | grep -qE '^#!.*\b(ba|da)?sh\b'; then echo "$file"; fi ;;
    esac
  done
)
shellcheck "${scripts[@]}"
echo "shellcheck: ${#scripts[@]} scripts are clean"
