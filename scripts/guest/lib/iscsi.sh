# shellcheck shell=bash
# The group's targets in the running tgtd. Targets are removed before
# the portal's address goes, added before it listens.
# Needs group.sh and drbd-state.sh.

# A tgtd that hangs is one that failed.
tgtadm() { timeout 15 tgtadm "$@"; }

targets_file() { printf '/etc/tgt/kvm-mirror/%s.conf\n' "$1"; }

# wanted_targets FILE: lines "IQN ADDRESS..." of the addresses that each target admits.
wanted_targets() {
  [[ -r $1 ]] || return 0
  awk '/^[ \t]*<target / { iqn = $2; sub(/>$/, "", iqn); addresses = "" }
       $1 == "initiator-address" { addresses = addresses " " $2 }
       /^[ \t]*<\/target>/ { print iqn addresses }' "$1"
}

# target_devices FILE: lines "IQN DEVICE".
target_devices() {
  [[ -r $1 ]] || return 0
  awk '/^[ \t]*<target / { iqn = $2; sub(/>$/, "", iqn) }
       /^[ \t]*<backing-store / { sub(/>$/, "", $2); print iqn, $2 }' "$1"
}

# is_primary DEVICE: whether it may be opened here.
# shellcheck disable=SC2154  # read_state sets role
is_primary() (
  read_state "${1#/dev/drbd}"
  [[ $role == Primary ]]
)

# primary_targets FILE: the file without the targets of volumes that are not Primary here: tgtd cannot open those.
primary_targets() {
  local iqn device served=' '
  while read -r iqn device; do
    if is_primary "$device"; then
      served+="$iqn "
    else
      say "$device is not Primary here; group-start.sh promotes it and serves $iqn"
    fi
  done < <(target_devices "$1")
  awk -v served="$served" '
    /^[ \t]*<target / { iqn = $2; sub(/>$/, "", iqn); serve = index(served, " " iqn " ") } serve' "$1"
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
    [[ " $present " == *" $address "* ]] \
      || tgtadm --lld iscsi --op bind --mode target --tid "$tid" -I "$address" || return 1
  done
  for address in $present; do
    [[ " $wanted " == *" $address "* ]] \
      || tgtadm --lld iscsi --op unbind --mode target --tid "$tid" -I "$address" || return 1
  done
}

# targets_on DEVICE...: lines "TID IQN" of the targets in tgtd that have one of the devices open.
targets_on() {
  tgtadm --lld iscsi --op show --mode target | awk -v devices=" $* " '
    /^Target [0-9]+: / { target = $2 " " $3; sub(/:/, "", target) }
    /^ *Backing store path: / && index(devices, " " $4 " ") { print target }'
}

# target_sessions IQN: the addresses that have it open.
target_sessions() {
  tgtadm --lld iscsi --op show --mode target | awk -v iqn="$1" '
    /^Target [0-9]+: / { target = $3 }
    target == iqn && /IP Address: / { print $3 }'
}

# remove_unused IQN: removes a target; 1 when somebody has it open (tgtd decides, so nobody slips in between).
remove_unused() {
  local tid
  tid=$(running_targets | awk -v iqn="$1" '$2 == iqn { print $1 }') || return 1
  [[ -z $tid ]] || tgtadm --lld iscsi --op delete --mode target --tid "$tid"
}

# outgrown_targets FILE: lines "IQN DEVICE MB" of the file's targets whose device is larger than the size that tgtd
# serves, in MB (of 1,000,000 bytes, as tgtadm says it): tgtd keeps the size that a device had when it was added.
outgrown_targets() {
  local shown iqn device served bytes
  shown=$(tgtadm --lld iscsi --op show --mode target) || return 1
  while read -r iqn device; do
    bytes=$(device_bytes "${device#/dev/drbd}") || continue
    served=$(awk -v iqn="$iqn" -v device="$device" '
      /^Target [0-9]+: / { target = $3 }
      target == iqn && $1 == "Size:" { size = $3 == "MB," ? $2 : "" }
      target == iqn && /^ *Backing store path: / && $4 == device { print size }' <<<"$shown")
    if [[ -n $served ]] && ((served < bytes / 1000000)); then printf '%s %s %s\n' "$iqn" "$device" "$served"; fi
  done < <(target_devices "$1")
}

# renew_outgrown FILE: a target that serves less than its device has, and that nobody has open, is removed, to be made
# again. One that is open stays: when its clients are to connect anew is the operator's to say.
renew_outgrown() {
  local iqn device served outgrown
  outgrown=$(outgrown_targets "$1") || return 1
  while read -r iqn device served; do
    [[ -n $iqn ]] || continue
    # tgtd decides whether it is open.
    if remove_unused "$iqn" 2>/dev/null; then
      say "target $iqn serves $served MB, and $device has grown: making it again"
    else
      say "target $iqn serves $served MB, and $device has grown: it stays as it is while it is open" \
        "($(target_sessions "$iqn" | tr '\n' ' ' || true))"
    fi
  done <<<"$outgrown"
}

# complete_targets FILE: a target without its device (tgt-admin died in between) is removed, to be made again.
complete_targets() {
  local iqn device running present
  running=$(running_targets) || return 1
  while read -r iqn device; do
    has_target "$running" "$iqn" || continue
    present=$(targets_on "$device") || return 1
    if ! has_target "$present" "$iqn"; then
      say "target $iqn is in tgtd without $device; making it again"
      remove_unused "$iqn" || return 1
    fi
  done < <(target_devices "$1")
}

# serve_targets GROUP: what the group's file says of Primary volumes is in
# tgtd, then the portal listens. 1 when tgtd did not take it.
serve_targets() {
  local file status=0
  file=$(mktemp) || return 1
  primary_targets "$(targets_file "$1")" >"$file" && serve_file "$file" || status=1
  rm -f "$file"
  return "$status"
}

serve_file() {
  local iqn wanted tid running_iqn present running
  if [[ -s $1 ]]; then
    renew_outgrown "$1" || return 1
    complete_targets "$1" || return 1
    tgt-admin --execute --conf "$1" >&2 || return 1
  fi
  running=$(running_targets) || return 1
  while read -r iqn wanted; do
    [[ -n $wanted ]] || {
      say "target $iqn admits nobody by address, which tgt takes for everybody"
      return 1
    }
    while read -r tid running_iqn present; do
      [[ $running_iqn != "$iqn" ]] || admit_only "$tid" "$wanted" "$present" || return 1
    done <<<"$running"
    has_target "$running" "$iqn" || {
      say "target $iqn is not in tgtd"
      return 1
    }
  done < <(wanted_targets "$1")
  portal_open || tgtadm --lld iscsi --op new --mode portal --param "portal=$VIP:$ISCSI_PORT"
}

# remove_target IQN: its sessions are closed first.
remove_target() { tgt-admin --force --delete "$1" >&2; }

# withdraw_targets GROUP DEVICE...: no new sessions, none left, none of the
# devices open, by targets of an earlier file neither.
# For callers under set -e.
withdraw_targets() {
  local iqn running held file
  file=$(targets_file "$1")
  shift
  if portal_open; then tgtadm --lld iscsi --op delete --mode portal --param "portal=$VIP:$ISCSI_PORT"; fi
  running=$(running_targets)
  held=$(targets_on "$@")
  while read -r iqn; do
    if has_target "$running" "$iqn"; then remove_target "$iqn"; fi
  done < <({
    wanted_targets "$file"
    awk '{ print $2 }' <<<"$held"
  } | awk 'NF { print $1 }' | sort -u)
}
