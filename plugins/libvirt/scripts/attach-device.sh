#!/usr/bin/env bash
# Plugs a device into a running domain. Its persistent definition has it already.
# usage: attach-device NAME; document: the device's XML
set -euo pipefail

virsh attach-device "$1" <(document) --live >/dev/null
