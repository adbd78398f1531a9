#!/usr/bin/env bash
# Prints the Debian package sources of this machine as lines of sources.list. The lab's guests install from the same
# mirror, cache or snapshot as this machine, so this repository holds no package server's address. Sources of other
# makers are left out.
#   --hosts    the names of the servers instead, one per line
#   --options  the apt.conf settings that these servers need (a snapshot's release files look expired, for example)
set -euo pipefail

fail() {
  printf 'apt-sources.sh: %s\n' "$*" >&2
  exit 1
}

targets() { # one line "URI RELEASE COMPONENT" per package index, Debian's only
  # shellcheck disable=SC2016 # apt-get, not the shell, fills in $(…)
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' | sort -u
}

sources() {
  local found
  found=$(targets | awk '
    { key = $1 " " $2; parts[key] = parts[key] " " $3 }
    END { for (key in parts) print "deb " key parts[key] }' | sort)
  [[ -n $found ]] || fail "apt knows no package index of Debian on this machine. Look at /etc/apt/sources.list*, and" \
    "run: apt-get update"
  if grep -Ev '^deb https?://' <<<"$found" >&2; then
    fail "the sources above are not http or https. A guest cannot reach them"
  fi
  printf '%s\n' "$found"
}

case ${1:-} in
  '') sources ;;
  --hosts) sources | sed -E 's|^deb https?://([^/@]*@)?([^/:]+).*|\2|' | sort -u ;;
  --options)
    apt-config dump --format '%f "%v";%n' Acquire::Check-Valid-Until Acquire::Check-Date Acquire::Max-FutureTime
    ;;
  *) fail "unknown argument '$1'" ;;
esac
