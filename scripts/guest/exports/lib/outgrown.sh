# shellcheck shell=bash
# Volumes that have grown while somebody has them open: both servers keep the size that a device had when they opened
# it, nbd-server for each connection, tgtd for each target (iscsi.sh). Needs drbd-state.sh; outgrown needs group.sh,
# attached.sh and iscsi.sh as well.

# The size that each device was last seen with, and since when: MINOR holds "BYTES MOMENT"; the moment in hundredths of
# a second since the boot, 0 for one before anybody looked. Gone after a reboot, as are the connections.
readonly sizes_dir=/run/kvm-mirror/size

# note_sizes: called before anybody can connect, and when a volume has grown. Starts no program: clients may be waiting.
note_sizes() {
  local device minor sectors bytes had moment now
  read -r now _ </proc/uptime
  now=$((10#${now/./}))
  for device in /sys/block/drbd*; do
    minor=${device##*drbd}
    [[ -r $device/size ]] || continue
    read -r sectors <"$device/size" || continue
    bytes=$((sectors * 512))
    had='' moment=0
    if [[ -e $sizes_dir/$minor ]]; then read -r had moment <"$sizes_dir/$minor" || true; fi
    [[ $had != "$bytes" ]] || continue
    [[ -z $had ]] || moment=$now
    [[ -d $sizes_dir ]] || mkdir -p "$sizes_dir"
    printf '%s %s\n' "$bytes" "$moment" >"$sizes_dir/$minor"
  done
}

# nbd_outgrown CONNECTIONS: lines "DEVICE ADDRESS" of NBD clients of the group that connected before a device had its
# size. CONNECTIONS is what nbd_connections printed.
nbd_outgrown() {
  local pid device address moment stat began=()
  while read -r pid device address; do
    [[ -n $device && -e $sizes_dir/${device#/dev/drbd} ]] || continue
    read -r _ moment <"$sizes_dir/${device#/dev/drbd}" || continue
    { IFS= read -r stat <"/proc/$pid/stat"; } 2>/dev/null || continue
    # proc(5): the 22nd word; the 20th behind the command's name.
    read -ra began <<<"${stat##*) }"
    if [[ -n ${began[19]:-} ]] && ((began[19] < moment)); then printf '%s %s\n' "$device" "$address"; fi
  done <<<"$1"
}

# iscsi_outgrown GROUP: lines "DEVICE ADDRESS" of those who have a target open that serves less than its device has;
# "-" for such a target that nobody has open, and that serves it to whoever comes.
iscsi_outgrown() {
  local iqn device address sessions targets outgrown
  targets=$(targets_of "$1") || return 1
  [[ -n $targets ]] || return 0
  outgrown=$(outgrown_targets "$targets") || return 1
  while read -r iqn device _; do
    [[ -n $iqn ]] || continue
    sessions=$(target_sessions "$iqn") || continue
    for address in ${sessions:--}; do printf '%s %s\n' "$device" "$address"; done
  done <<<"$outgrown"
}

# outgrown GROUP [CONNECTIONS]: lines "nbd DEVICE ADDRESS" and "iscsi DEVICE ADDRESS" of both; the group is loaded.
outgrown() {
  if [[ $NBD == yes ]]; then nbd_outgrown "${2-$(nbd_connections)}" | sort -u | sed 's/^/nbd /'; fi
  if [[ $ISCSI == yes ]] && listening "$ISCSI_PORT"; then iscsi_outgrown "$1" | sort -u | sed 's/^/iscsi /'; fi
}
