#!/usr/bin/env bash
# Undefines a domain that is off, with its NVRAM, its saved memory, and the logs of its console. Gone already: fine.
# usage: undefine-domain NAME [CONSOLE_LOG]
set -euo pipefail

name=$1 log=${2:-}

if listed "$name" list --all; then
  virsh undefine "$name" --nvram --managed-save --snapshots-metadata --checkpoints-metadata >/dev/null
fi
# virtlogd keeps older parts as LOG.0, LOG.1, …
if [[ -n $log ]]; then rm -f -- "$log" "$log".[0-9]; fi
