#!/usr/bin/env bash
# Starts a domain that is off.
# usage: start-domain NAME
set -euo pipefail

listed "$1" list --all || fail "there is no domain $1"
state=$(virsh domstate "$1")
if [[ $state = @('shut off'|crashed) ]]; then virsh start "$1" >/dev/null; fi
