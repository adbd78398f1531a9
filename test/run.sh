#!/usr/bin/env bash
# Runs the tests of the named kinds, after setting up what they need on this machine.
#
# usage: test/run.sh KIND...     KIND: unit | scripts | graph | engine | libvirt | lab
#
#   unit, graph      need Node and nothing else
#   scripts          need root and the tools that the scripts call (Debian packages)
#   engine           needs the Pulumi CLI (the one on PATH, else the toolchain is built)
#   libvirt          needs root, libvirt and the Pulumi CLI
#   lab              needs all of that, and makes two KVM hosts with real virtual machines
#
# TEST_RESULTS: a directory; if set, vitest's report of this run is written there as JSON.
# Exit status: vitest's.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'test: %s\n' "$*" >&2; }

[ $# -gt 0 ] || {
  say "usage: test/run.sh KIND..."
  exit 2
}

needs() { # needs KIND...: is one of these kinds wanted?
  local wanted kind
  for wanted in "${kinds[@]}"; do
    for kind in "$@"; do [ "$wanted" = "$kind" ] && return 0; done
  done
  return 1
}
kinds=("$@")

node_bin=$(bash toolchain/node.sh)
export PATH="$node_bin:$PATH"
bash toolchain/dependencies.sh

if needs scripts; then
  bash lab/packages.sh test/scripts/packages.txt
elif needs engine libvirt lab; then
  bash lab/packages.sh
fi
if needs engine libvirt lab; then
  # shellcheck source=/dev/null
  . toolchain/env.sh
fi

report=()
if [ -n "${TEST_RESULTS:-}" ]; then
  mkdir -p "$TEST_RESULTS"
  report=(--reporter=default --reporter=json "--outputFile.json=$TEST_RESULTS/$(
    IFS=-
    printf '%s' "${kinds[*]}"
  ).json")
fi
projects=()
for kind in "${kinds[@]}"; do projects+=(--project "$kind"); done
# Started from no other shell, `bash -c` of a test would take node's pipes, which are sockets, for a login by rsh, and
# read ~/.bashrc first: whatever that says or waits for would be the script's.
export SHLVL=5
exec node node_modules/vitest/vitest.mjs run "${projects[@]}" "${report[@]}"
