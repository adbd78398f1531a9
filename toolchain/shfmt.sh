#!/usr/bin/env bash
# Prints the path of shfmt, the formatter of shell scripts: built once from Go's module proxy into the per-user cache.
# Go checks it against its checksum database.
#   shfmt.sh
set -euo pipefail

SCRIPT=shfmt.sh
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly version=v3.12.0
# shellcheck source=toolchain/cache.sh
. "$here/cache.sh"

install_shfmt() { GOBIN=$1 GOFLAGS='' go install "mvdan.cc/sh/v3/cmd/shfmt@$version"; }

command -v go >/dev/null || {
  say "go is not on PATH. Install it (Debian: apt-get install golang-go)"
  exit 1
}
cache=$(cache_root)
dest=$cache/shfmt-$version
mkdir -p "$cache/log"
if [ ! -d "$dest" ]; then
  build_once "$dest" logged "$cache/log/shfmt.log" "building shfmt" "" install_shfmt
fi
printf '%s\n' "$dest/shfmt"
