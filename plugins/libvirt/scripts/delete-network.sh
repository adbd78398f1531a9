#!/usr/bin/env bash
# Takes a network down and undefines it. Gone already: fine.
# usage: delete-network NAME
# with networkUsers
set -euo pipefail

name=$1

listed "$name" net-list --all || exit 0
if listed "$name" net-list; then
  guests=$(network_users "$name")
  [[ -z $guests ]] || fail "network $name is in use by running domains: $guests; shut them down first"
  virsh net-destroy "$name" >/dev/null
fi
# A network that was not persistent is gone with its end.
if listed "$name" net-list --all; then virsh net-undefine "$name" >/dev/null; fi
