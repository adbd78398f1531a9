# shellcheck shell=bash
# The group's targets in the running tgtd. Targets are removed before the portal's address goes, added before it listens.

targets_file() { printf '/etc/tgt/kvm-mirror/%s.conf\n' "$1"; }

# wanted_targets GROUP: lines "IQN ADDRESS..." of the addresses that each target admits.
wanted_targets() {
  local file
  file=$(targets_file "$1")
  [[ -r $file ]] || return 0
  awk '/^[ \t]*<target / { iqn = $2; sub(/>$/, "", iqn); addresses = "" }
       $1 == "initiator-address" { addresses = addresses " " $2 }
       /^[ \t]*<\/target>/ { print iqn addresses }' "$file"
}

# running_targets: lines "TID IQN ADDRESS..." of the targets in tgtd and the addresses that they admit.
running_targets() {
  tgtadm --lld iscsi --op show --mode target | awk '
    /^Target [0-9]+: / { if (line) print line; line = $2 " " $3; sub(/:/, "", line); acl = 0 }
    /^    ACL information:/ { acl = 1; next }
    acl && /^        / { line = line " " $1 }
    END { if (line) print line }'
}

# has_target RUNNING IQN: whether the lines of running_targets hold it.
has_target() { awk -v iqn="$2" '$2 == iqn { found = 1 } END { exit !found }' <<<"$1"; }

portal_open() { [[ $'\n'$(tgtadm --lld iscsi --op show --mode portal)$'\n' == *"Portal: $VIP:$ISCSI_PORT,"* ]]; }

# Addresses of a target in use are changed one by one: tgt-admin leaves a target in use as it is.
admit_only() {
  local tid=$1 wanted=$2 present=$3 address
  for address in $wanted; do
    [[ " $present " == *" $address "* ]] || tgtadm --lld iscsi --op bind --mode target --tid "$tid" -I "$address" || return 1
  done
  for address in $present; do
    [[ " $wanted " == *" $address "* ]] || tgtadm --lld iscsi --op unbind --mode target --tid "$tid" -I "$address" || return 1
  done
}

# serve_targets GROUP: what the group's file says is in tgtd, then the portal listens. 1 when tgtd did not take it.
serve_targets() {
  local group=$1 iqn wanted tid running_iqn present running
  tgt-admin --execute --conf "$(targets_file "$group")" >&2 || return 1
  running=$(running_targets) || return 1
  while read -r iqn wanted; do
    [[ -n $wanted ]] || { say "target $iqn admits nobody by address, which tgt takes for everybody"; return 1; }
    while read -r tid running_iqn present; do
      [[ $running_iqn != "$iqn" ]] || admit_only "$tid" "$wanted" "$present" || return 1
    done <<<"$running"
    has_target "$running" "$iqn" || { say "target $iqn is not in tgtd"; return 1; }
  done < <(wanted_targets "$group")
  portal_open || tgtadm --lld iscsi --op new --mode portal --param "portal=$VIP:$ISCSI_PORT"
}

# remove_target IQN: its sessions are closed first.
remove_target() { tgt-admin --force --delete "$1" >&2; }

# withdraw_targets GROUP: no new sessions, none left, no device open. For callers under set -e.
withdraw_targets() {
  local iqn rest running
  if portal_open; then tgtadm --lld iscsi --op delete --mode portal --param "portal=$VIP:$ISCSI_PORT"; fi
  running=$(running_targets)
  while read -r iqn rest; do
    if has_target "$running" "$iqn"; then remove_target "$iqn"; fi
  done < <(wanted_targets "$1")
}
