#!/usr/bin/env bash
# Defines a domain (document: its XML, empty to leave the definition), sets autostart, and starts it. It always boots
# afresh, also when its memory was saved to disk: a mirror would wake from it as the primary that it was.
# usage: put-domain NAME AUTOSTART(yes|no) START(yes|no)
# Exit status 5: defined, but it does not start.
set -euo pipefail

name=$1 autostart=$2 start=$3

if [[ -n $document ]]; then virsh define <(document) >/dev/null; fi
if [[ $autostart = yes ]]; then
  virsh autostart "$name" >/dev/null
else
  virsh autostart --disable "$name" >/dev/null
fi
if [[ $start = yes ]]; then
  state=$(virsh domstate "$name")
  if [[ $state = @('shut off'|crashed) ]]; then virsh start "$name" --force-boot >/dev/null || exit 5; fi
fi
