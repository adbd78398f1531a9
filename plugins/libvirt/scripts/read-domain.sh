#!/usr/bin/env bash
# Prints, separated by NUL: dominfo, state with its reason, the persistent XML, and the
# XML of the running domain when it runs. Nothing when there is none.
# usage: read-domain NAME
set -euo pipefail

listed "$1" list --all || exit 0
virsh dominfo "$1"
printf '\0'
state=$(virsh domstate --reason "$1")
printf '%s\0' "$state"
virsh dumpxml --inactive --security-info "$1"
printf '\0'
case $state in
  'shut off'*) ;;
  *) virsh dumpxml "$1" ;;
esac
