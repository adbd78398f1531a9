# shellcheck shell=bash
# Brings a group's targets into tgtd, with as few programs as possible: clients wait. For iscsi.sh, which comes with
# group.sh, drbd-state.sh and tgtd.sh.
# shellcheck disable=SC2034,SC2154  # known_inode; set there

# shellcheck source=target-file.sh
. "${BASH_SOURCE[0]%/*}/target-file.sh"

# The group's targets, lines "IQN DEVICE ADDRESS...", its file for tgt, and the targets that prepare_targets has made.
targets=() file='' prepared=()

# find_targets_in ROWS: sets targets to those among a group's exports (exports.sh), and whom they admit. Loopback is
# nobody; no address at all would be everybody.
find_targets_in() {
  local protocol place device admitted
  targets=()
  while read -r _ protocol place device admitted; do
    [[ $protocol == iscsi ]] || continue
    [[ $admitted != - ]] || admitted=127.0.0.1
    targets+=("${place##*/} $device ${admitted//,/ }")
  done <<<"$1"
}

# find_targets GROUP: sets targets and file, which is read. 1 when the table of exports is not known.
find_targets() {
  local rows
  targets=() file=/etc/tgt/kvm-mirror/$1.conf
  rows=$(exports_of "$1") || return 1
  find_targets_in "$rows"
  read_target_file "$file"
}

# prepare_targets GROUP: before its volumes are Primary, tgtd cannot open them. The targets themselves can be there:
# empty, and open to nobody. What fails here is left to serve_targets.
prepare_targets() {
  local line iqn new=()
  if [[ $ISCSI != yes ]] || ! tgtd_listens || listening "$ISCSI_PORT"; then return 0; fi
  if ! find_targets "$1" || ! read_tgtd; then return 0; fi
  for line in "${targets[@]}"; do
    iqn=${line%% *}
    if [[ ${plain[$iqn]:-no} == no || -n ${tid_of[$iqn]:-} ]]; then continue; fi
    add_target "$iqn"
    prepared+=("$iqn")
  done
  in_tgtd "${new[@]}" || prepared=() known_inode=none
}

# drop_prepared: they are not served after all.
drop_prepared() {
  local iqn gone=()
  if ((${#prepared[@]} == 0)) || ! read_tgtd; then return 0; fi
  for iqn in "${prepared[@]}"; do
    if [[ -n ${tid_of[$iqn]:-} && -z ${stores[$iqn]} ]]; then gone+=("delete --mode target --tid ${tid_of[$iqn]}"); fi
  done
  prepared=()
  in_tgtd "${gone[@]}" || say "tgtd keeps empty targets of a switch that was called off; its error message is above"
}

# add_target IQN: for tgtd, with the next number, in `new`.
add_target() {
  tid_of[$1]=$((++highest_tid)) stores[$1]='' admits[$1]='' serial_of[$1]=''
  new+=("new --mode target --tid ${tid_of[$1]} --targetname ${1@Q}")
}

# serve_targets GROUP: the group's targets of Primary volumes are in tgtd, then the portal listens. 1 when tgtd did not
# take it.
serve_targets() {
  local try
  # Another group that starts at the same time may take a number first.
  for try in 1 2 3; do
    if bring_targets "$1"; then return 0; fi
    ((try == 3)) || pause 0.05
  done
  return 1
}

# bring_targets GROUP: tries once.
bring_targets() {
  local line iqn device addresses new=()
  if ! knows_tgtd && { ! find_targets "$1" || ! read_tgtd; }; then return 1; fi
  known_inode=none
  read_states
  for line in "${targets[@]}"; do
    read -r iqn device addresses <<<"$line"
    if servable "$iqn" "$device"; then
      bring_target "$iqn" "$device" || return 1
      bring_admissions "$iqn" "$addresses"
    fi
  done
  listening "$ISCSI_PORT" || new+=("new --mode portal --param portal=$VIP:$ISCSI_PORT")
  in_tgtd "${new[@]}" || return 1
  prepared=()
}

# servable IQN DEVICE: by the last read_states the volume is Primary here (tgtd cannot open the others), and tgt's file
# has its target: `up` may have been interrupted before the table of exports was there.
servable() {
  state_of "${2#/dev/drbd}"
  if [[ $role != Primary ]]; then
    say "$2 is not Primary here; group-start.sh promotes it and serves $1"
    return 1
  fi
  if [[ -z ${plain[$1]:-} || (${plain[$1]} == yes && ${file_device[$1]} != "$2") ]]; then
    say "$1 with $2 is not in $file, so it is not served. Run \`pulumi up\` again"
    return 1
  fi
}

# bring_target IQN DEVICE: the target, with its device. One whose parameters tgtd lacks was left by a run that was
# killed: it gets them again, for the one among them that matters is write-through.
bring_target() {
  local tid
  if [[ -n ${stores[$1]:-} ]]; then
    if [[ ${stores[$1]} != "$2 " ]] || outgrown_target "$1"; then renew_target "$1" "$2"; fi
    [[ -z ${tid_of[$1]:-} || ${stores[$1]} == "$2 " ]] || return 1
  fi
  if [[ ${plain[$1]} == no ]]; then
    [[ -n ${tid_of[$1]:-} ]] || add_by_tgt_admin "$1" || return 1
    return 0
  fi
  if [[ -z ${tid_of[$1]:-} ]]; then
    add_target "$1"
  elif [[ -z ${stores[$1]} && " ${prepared[*]} " != *" $1 "* ]]; then
    say "target $1 is in tgtd without $2; adding it"
  fi
  tid=${tid_of[$1]}
  if [[ -z ${stores[$1]} ]]; then
    new+=("new --mode logicalunit --tid $tid ${file_unit[$1]} --backing-store ${2@Q}")
  elif [[ -z ${file_serial[$1]} || ${serial_of[$1]} == "${file_serial[$1]}" ]]; then
    return 0
  fi
  [[ -z ${file_params[$1]} ]] \
    || new+=("update --mode logicalunit --tid $tid ${file_unit[$1]% --bstype *} --params ${file_params[$1]@Q}")
}

# outgrown_target IQN: tgtd serves less than the device has now. It keeps the size that a device had when it was added.
outgrown_target() {
  local sectors size=${size_of[$1]:-} device=${stores[$1]% }
  [[ -n $size && -r /sys/block/${device#/dev/}/size ]] && read -r sectors <"/sys/block/${device#/dev/}/size" \
    && ((size < sectors * 512 / 1000000))
}

# renew_target IQN DEVICE: one that nobody has open is removed, to be made again. One that is open stays: the operator
# says when its clients are to connect anew.
renew_target() {
  local why="serves ${stores[$1]% }, not $2"
  [[ ${stores[$1]} != "$2 " ]] || why="serves ${size_of[$1]} MB, and $2 has grown"
  # tgtd decides whether it is open, so nobody slips in between.
  if tgtadm --lld iscsi --op delete --mode target --tid "${tid_of[$1]}" 2>/dev/null; then
    say "target $1 $why: making it again"
    unset "tid_of[$1]" "stores[$1]"
  else
    say "target $1 $why: it stays as it is while it is open ($(target_sessions "$1" | tr '\n' ' ' || true))"
  fi
}

# add_by_tgt_admin IQN: a target whose file says more than target-file.sh knows. One by one: `tgt-admin --execute` would
# also remove what is not in the file and not open now, which are the targets of other groups.
add_by_tgt_admin() {
  tgt-admin --update "$1" --conf "$file" </dev/null >&2 || return 1
  read_tgtd || return 1
  known_inode=none
  [[ -n ${tid_of[$1]:-} ]] || {
    say "target $1 is not in tgtd"
    return 1
  }
}

# bring_admissions IQN ADDRESSES: last, when the target is complete. They change one by one: tgt-admin leaves a target
# in use as it is.
bring_admissions() {
  local address tid=${tid_of[$1]}
  for address in $2; do
    [[ " ${admits[$1]}" == *" $address "* ]] || new+=("bind --mode target --tid $tid -I ${address@Q}")
  done
  for address in ${admits[$1]}; do
    [[ " $2 " == *" $address "* ]] || new+=("unbind --mode target --tid $tid -I ${address@Q}")
  done
}
