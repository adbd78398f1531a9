#!/usr/bin/env bash
# Prints every shell script of the repository, known by name or by first line: one path per line.
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files --cached --others --exclude-standard | while IFS= read -r file; do
  [ -f "$file" ] || continue
  case ${file##*/} in
    *.sh) echo "$file" ;;
    *.*) ;;
    *) if head -c 64 "$file" | head -n 1 | grep -qE '^#!.*\b(ba|da)?sh\b'; then echo "$file"; fi ;;
  esac
done
