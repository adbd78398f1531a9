#!/usr/bin/env bash
# Prints a directory that holds `pulumi` and its language host for Node, ready to run. Where an official pulumi is on
# PATH, that is its directory, and nothing is installed. Else the toolchain for closed sites is installed into the
# per-user cache: the CLI built from Go modules, our own language host and command plugin, and their npm packages.
# Safe to run again and in parallel. Progress goes to stderr, details to log files that the messages name.
#   install.sh
set -euo pipefail

SCRIPT=install.sh
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
# shellcheck source=toolchain/cache.sh
. "$here/cache.sh"
cache=$(cache_root)

# Prints the directory of a complete pulumi on PATH that this script did not install.
official() {
  local found real ours
  ours=$(readlink -m "$cache")
  while IFS= read -r found; do
    real=$(readlink -f "$found")
    case $real in "$ours"/*) continue ;; esac
    if [ -x "$(dirname "$found")/pulumi-language-nodejs" ] || [ -x "$(dirname "$real")/pulumi-language-nodejs" ]; then
      dirname "$found"
      return 0
    fi
    say "ignoring $found: there is no pulumi-language-nodejs beside it"
  done < <(type -ap pulumi)
  return 1
}

if official; then
  exit 0
fi

# Everything that is copied into the toolchain, or decides how.
sources() {
  cd "$root"
  printf '%s\n' toolchain/cache.sh toolchain/install.sh toolchain/npm/package.json toolchain/npm/package-lock.json \
    toolchain/shims/* toolchain/language-nodejs/*.ts toolchain/command/*.ts plugins/serving/*.ts
}

install_packages() {
  cp "$here/npm/package.json" "$here/npm/package-lock.json" "$1/" \
    && PATH=$node:$PATH npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund
}

# Lays out the toolchain in PARTIAL: bin/, home/plugins/ and lib/ with the sources and a link to their npm packages.
assemble() {
  local partial=$1 cli cli_pid file
  mkdir -p "$partial/bin" "$partial/lib" "$partial/home/plugins/resource-command-v1.2.1"
  "$here/cli.sh" >"$partial/cli" &
  cli_pid=$!
  # shellcheck disable=SC2064 # the values of now
  trap "kill $cli_pid 2>/dev/null || true; rm -rf '$partial'" EXIT
  build_once "$packages" \
    logged "$cache/log/toolchain-npm.log" "installing the toolchain's npm packages" "" install_packages
  cp "$here/npm/package.json" "$partial/lib/"
  ln -s "../../${packages##*/}/node_modules" "$partial/lib/node_modules"
  for file in "${source_files[@]}"; do
    case $file in *.ts) install -D -m 644 "$root/$file" "$partial/lib/$file" ;; esac
  done
  install -m 755 "$here/shims/pulumi-language-nodejs" "$partial/bin/"
  install -m 755 "$here/shims/pulumi-resource-command" "$partial/home/plugins/resource-command-v1.2.1/"
  if [ "${node#"$cache"/}" != "$node" ]; then
    ln -s "../../${node#"$cache"/}" "$partial/lib/node"
  fi
  wait "$cli_pid"
  cli=$(cat "$partial/cli")
  rm "$partial/cli"
  # The CLI looks for its language host beside its own real path. A hard link has it here; a symbolic link would not.
  ln "$cli" "$partial/bin/pulumi" 2>/dev/null || cp "$cli" "$partial/bin/pulumi"
  "$partial/bin/pulumi" version >/dev/null
}

mapfile -t source_files < <(sources)
node=$("$here/node.sh")
# The CLI and the npm packages have keys of their own, so a change here does not build them again.
packages=$cache/toolchain-npm-$(content_key "$here" npm/package.json npm/package-lock.json </dev/null)
key=$(cd "$root" && content_key "$root" "${source_files[@]}" \
  toolchain/pulumi/go.mod toolchain/pulumi/go.sum toolchain/cli.sh < <(printf '%s\n' "$node"))
dest=$cache/toolchain-$key
mkdir -p "$cache/log"
build_once "$dest" assemble
printf '%s\n' "$dest/bin"
