#!/usr/bin/env bash
# Brings a network to what is wanted. Before an active one is taken down, no running domain may be in it.
# usage: put-network NAME AUTOSTART(yes|no) ACTIVE(yes|no)
# RESTART(yes|no); document: its XML, empty to leave the definition
# with networkUsers
set -euo pipefail

name=$1 autostart=$2 active=$3 restart=$4

running() { listed "$name" net-list; }

take_down=no
if [[ $restart = yes || $active = no ]] && running; then
  guests=$(network_users "$name")
  [[ -z $guests ]] || fail "network $name is in use by running domains: $guests; shut them down first, then run again" \
    "(nothing was changed)"
  take_down=yes
fi
# The definition first: one that libvirt refuses must not cost the network that runs.
if [[ -n $document ]]; then virsh net-define <(document) >/dev/null; fi
if [[ $autostart = yes ]]; then
  virsh net-autostart "$name" >/dev/null
else
  virsh net-autostart --disable "$name" >/dev/null
fi
if [[ $take_down = yes ]]; then virsh net-destroy "$name" >/dev/null; fi
if [[ $active = yes ]] && ! running; then virsh net-start "$name" >/dev/null; fi
