#!/usr/bin/env bash
# Put between the prelude and the scripts that take networks down.
set -euo pipefail

# Names of the running domains with an interface in the network, in one line.
network_users() { # NETWORK
  local domain
  virsh list --name | while IFS= read -r domain; do
    [[ -n $domain ]] || continue
    # A domain that ended between the two calls uses nothing.
    { virsh domiflist "$domain" 2>/dev/null || true; } \
      | awk -v network="$1" -v domain="$domain" '$2 == "network" && $3 == network { print domain; exit }'
  done | paste -sd ' '
}
