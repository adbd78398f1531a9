# shellcheck shell=bash
# For logins that may use libvirt but are not root.

as_root() { if [[ $EUID == 0 ]]; then "$@"; else sudo -n "$@"; fi; }
