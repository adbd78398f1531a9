#!/usr/bin/env bash
# Checks the format and lint of TypeScript and JSON (biome.json), the format of shell scripts (shfmt), and the workflows
# of GitHub (actionlint, .github/actionlint.yaml).
#   lint.sh           says what is not as it should be
#   lint.sh --write   formats the sources instead
set -euo pipefail
cd "$(dirname "$0")/.."
node_bin=$(bash toolchain/node.sh)
export PATH="$node_bin:$PATH"
bash toolchain/dependencies.sh
shfmt=$(bash toolchain/go-tool.sh shfmt)
actionlint=$(bash toolchain/go-tool.sh actionlint)
mapfile -t scripts < <(bash test/shell-scripts.sh)

case ${1:-} in
  '') biome=(check) shell=--diff ;;
  --write) biome=(check --write) shell=--write ;;
  *)
    printf 'lint.sh: unknown argument %s\n' "$1" >&2
    exit 1
    ;;
esac
status=0
node node_modules/@biomejs/biome/bin/biome "${biome[@]}" --error-on-warnings || status=1
"$shfmt" "$shell" --indent 2 --case-indent --binary-next-line "${scripts[@]}" || status=1
"$actionlint" .github/workflows/*.yml || status=1
[ "$status" -eq 0 ] || printf 'lint.sh: npm run format mends the format; the rest is mended by hand\n' >&2
exit "$status"
