# shellcheck shell=bash
# What every ssh of these scripts has in common: it never asks, and it does not wait for the dead.
#   KVM_MIRROR_CONNECT_TIMEOUT   seconds until the other side says its first word (10)
#   KVM_MIRROR_SILENCE           seconds without a sign of life, once it is connected (60)

# shellcheck disable=SC2034  # for the scripts that source this file
ssh_options=(-o BatchMode=yes -o ConnectTimeout="${KVM_MIRROR_CONNECT_TIMEOUT:-10}"
  -o ServerAliveInterval="$(((${KVM_MIRROR_SILENCE:-60} + 5) / 6))" -o ServerAliveCountMax=6)
