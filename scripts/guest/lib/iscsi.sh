# shellcheck shell=bash
# The group's targets in the running tgtd. Targets are removed before the portal's address goes, added before it
# listens. Needs group.sh and drbd-state.sh.

# A tgtd that hangs is one that failed.
tgtadm() { timeout 15 tgtadm "$@"; }

targets_file() { printf '/etc/tgt/kvm-mirror/%s.conf\n' "$1"; }

# targets_in ROWS: lines "IQN DEVICE ADDRESS..." of the targets among a group's exports (exports.sh), and of whom they
# admit. Loopback is nobody; no address at all would be everybody.
targets_in() {
  local protocol place device admitted
  while read -r _ protocol place device admitted; do
    [[ $protocol == iscsi ]] || continue
    [[ $admitted != - ]] || admitted=127.0.0.1
    printf '%s %s %s\n' "${place##*/}" "$device" "${admitted//,/ }"
  done <<<"$1"
}

# targets_of GROUP: the same of a group of this mirror. 1 when that is not known.
targets_of() {
  local rows
  rows=$(exports_of "$1") || return 1
  targets_in "$rows"
}

# is_primary DEVICE: whether it may be opened here.
# shellcheck disable=SC2154  # read_state sets role
is_primary() (
  read_state "${1#/dev/drbd}"
  [[ $role == Primary ]]
)

# servable_targets TARGETS FILE: those of volumes that are Primary here (tgtd cannot open the others), and that tgt's
# FILE has: `up` may have been interrupted before the table of exports was there.
servable_targets() {
  local iqn device addresses
  while read -r iqn device addresses; do
    [[ -n $iqn ]] || continue
    if ! is_primary "$device"; then
      say "$device is not Primary here; group-start.sh promotes it and serves $iqn"
    elif ! grep -qxF "<target $iqn>" "$2"; then
      say "$iqn is not in $2, so it is not served. Run \`pulumi up\` again"
    else
      printf '%s %s %s\n' "$iqn" "$device" "$addresses"
    fi
  done <<<"$1"
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

# outgrown_targets TARGETS: lines "IQN DEVICE MB" of those whose device is larger than the size that tgtd serves, in MB
# (of 1,000,000 bytes, as tgtadm says it): tgtd keeps the size that a device had when it was added.
outgrown_targets() {
  local shown iqn device served bytes
  shown=$(tgtadm --lld iscsi --op show --mode target) || return 1
  while read -r iqn device _; do
    bytes=$(device_bytes "${device#/dev/drbd}") || continue
    served=$(awk -v iqn="$iqn" -v device="$device" '
      /^Target [0-9]+: / { target = $3 }
      target == iqn && $1 == "Size:" { size = $3 == "MB," ? $2 : "" }
      target == iqn && /^ *Backing store path: / && $4 == device { print size }' <<<"$shown")
    if [[ -n $served ]] && ((served < bytes / 1000000)); then printf '%s %s %s\n' "$iqn" "$device" "$served"; fi
  done <<<"$1"
}

# renew_outgrown TARGETS: a target that serves less than its device has, and that no client has open, is removed, to be
# made again. One that is open stays: the operator says when its clients are to connect anew.
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

# complete_targets TARGETS: a target without its device (tgt-admin died in between) is removed, to be made again.
complete_targets() {
  local iqn device running present
  running=$(running_targets) || return 1
  while read -r iqn device _; do
    has_target "$running" "$iqn" || continue
    present=$(targets_on "$device") || return 1
    if ! has_target "$present" "$iqn"; then
      say "target $iqn is in tgtd without $device; making it again"
      remove_unused "$iqn" || return 1
    fi
  done <<<"$1"
}

# serve_targets GROUP: the group's targets of Primary volumes are in tgtd,
# then the portal listens. 1 when tgtd did not take it.
serve_targets() {
  local file targets iqn wanted tid running_iqn present running
  file=$(targets_file "$1")
  targets=$(targets_of "$1") || return 1
  targets=$(servable_targets "$targets" "$file")
  if [[ -n $targets ]]; then
    renew_outgrown "$targets" || return 1
    complete_targets "$targets" || return 1
    add_targets "$targets" "$file" || return 1
    running=$(running_targets) || return 1
    while read -r iqn _ wanted; do
      while read -r tid running_iqn present; do
        [[ $running_iqn != "$iqn" ]] || admit_only "$tid" "$wanted" "$present" || return 1
      done <<<"$running"
      has_target "$running" "$iqn" || {
        say "target $iqn is not in tgtd"
        return 1
      }
    done <<<"$targets"
  fi
  portal_open || tgtadm --lld iscsi --op new --mode portal --param "portal=$VIP:$ISCSI_PORT"
}

# add_targets TARGETS FILE: adds those that tgtd does not have yet, as FILE says. One by one: `tgt-admin --execute`
# would also remove what is not in FILE and not open now, which are the targets of other groups.
add_targets() {
  local iqn running
  running=$(running_targets) || return 1
  while read -r iqn _; do
    has_target "$running" "$iqn" || tgt-admin --update "$iqn" --conf "$2" </dev/null >&2 || return 1
  done <<<"$1"
}

# remove_target IQN: its sessions are closed first.
remove_target() { tgt-admin --force --delete "$1" >&2; }

# withdraw_targets GROUP DEVICE...: no new sessions, none left, none of the devices open, by targets of an earlier file
# neither. For callers under set -e.
withdraw_targets() {
  local iqn running held targets
  # What is not known by name is found by its device.
  targets=$(targets_of "$1") || targets=
  shift
  if portal_open; then tgtadm --lld iscsi --op delete --mode portal --param "portal=$VIP:$ISCSI_PORT"; fi
  running=$(running_targets)
  held=$(targets_on "$@")
  while read -r iqn; do
    if has_target "$running" "$iqn"; then remove_target "$iqn"; fi
  done < <({
    printf '%s\n' "$targets"
    awk '{ print $2 }' <<<"$held"
  } | awk 'NF { print $1 }' | sort -u)
}
