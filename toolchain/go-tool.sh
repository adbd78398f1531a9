#!/usr/bin/env bash
# Prints the path of a tool of the tests that is written in Go: built once from Go's module proxy into the per-user
# cache. Go checks it against its checksum database.
#   go-tool.sh shfmt        the formatter of shell scripts
#   go-tool.sh actionlint   the checker of GitHub workflows
#   go-tool.sh pulumi-language-yaml   Pulumi's language host for programs in YAML; about 3 minutes on 2 cores
set -euo pipefail

SCRIPT=go-tool.sh
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=toolchain/cache.sh
. "$here/cache.sh"

case ${1:-} in
  shfmt) package=mvdan.cc/sh/v3/cmd/shfmt version=v3.12.0 ;;
  actionlint) package=github.com/rhysd/actionlint/cmd/actionlint version=v1.7.12 ;;
  pulumi-language-yaml) package=github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml version=v1.38.0 ;;
  *)
    say "usage: go-tool.sh shfmt|actionlint|pulumi-language-yaml"
    exit 2
    ;;
esac
install_tool() { GOBIN=$1 GOFLAGS='' go install "$package@$version"; }

command -v go >/dev/null || {
  say "go is not on PATH. Install it (Debian: apt-get install golang-go)"
  exit 1
}
cache=$(cache_root)
dest=$cache/$1-$version
mkdir -p "$cache/log"
if [ ! -d "$dest" ]; then
  build_once "$dest" logged "$cache/log/$1.log" "building $1" "" install_tool
fi
printf '%s\n' "$dest/$1"
