# shellcheck shell=bash
# The group's targets in the running tgtd. Targets are removed before the portal's address goes, added before it
# listens (withdraw-targets.sh, targets.sh). Needs group.sh and drbd-state.sh.

# shellcheck source=tgtd.sh
. "${BASH_SOURCE[0]%/*}/tgtd.sh"
# shellcheck source=targets.sh
. "${BASH_SOURCE[0]%/*}/targets.sh"
# shellcheck source=withdraw-targets.sh
. "${BASH_SOURCE[0]%/*}/withdraw-targets.sh"

# targets_in ROWS: prints them (find_targets_in), lines "IQN DEVICE ADDRESS...".
targets_in() {
  local targets=()
  find_targets_in "$1"
  ((${#targets[@]} == 0)) || printf '%s\n' "${targets[@]}"
}

# targets_of GROUP: the same of a group of this mirror. 1 when that is not known.
targets_of() {
  local rows
  rows=$(exports_of "$1") || return 1
  targets_in "$rows"
}

# running_targets: lines "TID IQN ADDRESS..." of the targets in tgtd and the addresses that they admit.
running_targets() {
  tgtadm --lld iscsi --op show --mode target | awk '
    /^Target [0-9]+: / { if (line) print line; line = $2 " " $3; sub(/:/, "", line); acl = 0 }
    /^    ACL information:/ { acl = 1; next }
    acl && /^        / { line = line " " $1 }
    END { if (line) print line }'
}

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
  local -A size=()
  shown=$(tgtadm --lld iscsi --op show --mode target) || return 1
  while read -r iqn device served; do size["$iqn $device"]=$served; done < <(awk '
    /^Target [0-9]+: / { target = $3; size = "" }
    $1 == "Size:" { size = $3 == "MB," ? $2 : "" }
    /^ *Backing store path: / && size != "" { print target, $4, size }' <<<"$shown")
  while read -r iqn device _; do
    served=${size["$iqn $device"]:-}
    device_bytes "${device#/dev/drbd}" || continue
    if [[ -n $served ]] && ((served < bytes / 1000000)); then printf '%s %s %s\n' "$iqn" "$device" "$served"; fi
  done <<<"$1"
}
