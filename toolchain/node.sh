#!/usr/bin/env bash
# Prints a directory that holds a node of version 22.18 or newer, which strips TypeScript's types by itself: the
# machine's own where it is new enough, else one from npm (package-lock.json pins version and checksum) in the per-user
# cache.
#   node.sh
set -euo pipefail

SCRIPT=node.sh
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=toolchain/cache.sh
. "$here/cache.sh"

new_enough() {
  "$1" -e '
    const [a, b] = process.versions.node.split(".").map(Number);
    process.exit(a > 22 || (a === 22 && b >= 18) ? 0 : 1)' 2>/dev/null
}

if own=$(command -v node) && new_enough "$own"; then
  dirname "$own"
  exit 0
fi

install_node() {
  local partial=$1
  cp "$here/node/package.json" "$here/node/package-lock.json" "$partial/" || return
  npm ci --prefix "$partial" --ignore-scripts --no-audit --no-fund || return
  local found=("$partial"/node_modules/node-linux-*/bin)
  if [ ! -x "${found[0]}/node" ]; then
    echo "npm has no package of node for $(uname -sm). Install node 22.18 or newer yourself" >&2
    return 1
  fi
  ln -s "${found[0]#"$partial/"}" "$partial/bin" || return
  "$partial/bin/node" --version
}

command -v npm >/dev/null || {
  say "neither node 22.18 or newer nor npm is on PATH. Install one of them (Debian: apt-get install npm)"
  exit 1
}
cache=$(cache_root)
dest=$cache/node-$(content_key "$here" node/package-lock.json < <(uname -m))
mkdir -p "$cache/log"
if [ ! -d "$dest" ]; then
  build_once "$dest" logged "$cache/log/node.log" "fetching node from npm" "" install_node
fi
printf '%s\n' "$dest/bin"
