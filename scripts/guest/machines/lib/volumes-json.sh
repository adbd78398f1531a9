# shellcheck shell=bash
# The volumes' part of what state.sh prints: a handful of processes, however many they are. Needs json.sh,
# drbd-state.sh, marks.sh, may-go-on.sh, lost.sh, cluster.sh, configurations.sh, verify-schedule.sh, write-times.sh and
# snapshots.sh.
# shellcheck disable=SC2034,SC2154  # set there; the variables are the result

# find_volumes: sets volumes to the names of this mirror's, their minors, and volume_of[DEVICE].
declare -A volume_of=()
find_volumes() {
  local file volume
  volumes=()
  for file in /etc/drbd.d/*.res; do
    [[ -e $file ]] || continue
    volume=${file##*/} volume=${volume%.res}
    volumes+=("$volume")
    configured["volume:$volume"]=/etc/drbd.d/global_common.conf$'\n'$file
  done
  ((${#volumes[@]} > 0)) || return 0
  # What DRBD's configuration does not have is down.
  find_minors "${volumes[@]}" 2>/dev/null || true
  for volume in "${volumes[@]}"; do
    [[ -z ${minors[$volume]:-} ]] || volume_of["/dev/drbd${minors[$volume]}"]=$volume
  done
}

# find_parted: what counts only while a volume is not whole: marks of those that went on alone, and generations of those
# that are not connected; of all of them at once.
find_parted() {
  local volume marked=no parted=()
  for volume in "${volumes[@]}"; do
    state_of "${minors[$volume]:-none}"
    if ! whole; then marked=yes; fi
    if ! connected && [[ $cs != Unconfigured && $disk != Diskless && $disk != Failed ]]; then parted+=("$volume"); fi
  done
  marks=() generations=()
  if [[ $marked == yes ]] && ! under_cluster; then find_marks || true; fi
  ((${#parted[@]} == 0)) || find_generations "${parted[@]}"
}

# Seconds within which DRBD must answer. While it notes something on a disk that hangs, the kernel has every other call
# of DRBD's tools wait, those of other volumes as well, and nothing ends one that waits. So nobody waits for it.
readonly drbd_patience=8
drbd_hangs=false

# find_generations VOLUME...: sets generations[VOLUME], as volume-generation.sh prints it. One that DRBD does not tell
# is not in it; where it tells nothing in time, drbd_hangs is true. From these it is decided whose data is newer: one
# call counts for all only when it succeeded, and said one line for each, in their order. Otherwise each volume is asked
# by itself.
declare -A generations=()
find_generations() {
  local volume line asked answers status=0 lines=()
  generations=()
  # drbdadm gives up on its drbdsetup after some seconds, and that one stays.
  if call_waits 'drbd(adm|setup|meta)' "$drbd_patience"; then
    drbd_hangs=true
    return
  fi
  exec {answers}< <(exec drbdadm get-gi "$@" </dev/null 2>/dev/null)
  asked=$!
  while IFS= read -r -t "$drbd_patience" -u "$answers" line || { status=$? && false; }; do
    # After a crash drbdmeta first prints what it would repair.
    if [[ $line =~ ^([0-9A-F]{16}:){4} ]]; then lines+=("$line"); fi
  done
  exec {answers}<&-
  if ((status > 128)); then
    drbd_hangs=true
    return
  fi
  wait "$asked" || lines=()
  for volume in "$@"; do
    if [[ ${#lines[@]} == "$#" ]]; then
      generations[$volume]=${lines[${#generations[@]}]}
    elif line=$("$here/replication/volume-generation.sh" "$volume" 2>/dev/null); then
      generations[$volume]=$line
    fi
  done
}

# find_snapshot VOLUME: sets snapshot to what state.sh says of it, by the last find_snapshots.
find_snapshot() {
  local why=''
  snapshot=null
  if { read -r why <"$no_snapshot_dir/$1"; } 2>/dev/null; then
    quote why
    snapshot="{\"made\":null,\"useless\":$why}"
  elif [[ -n ${snapshot_made[$1]:-} ]]; then
    why=null
    if [[ -n ${snapshot_full[$1]:-} ]]; then why='"it ran full"'; fi
    snapshot="{\"made\":${snapshot_made[$1]},\"useless\":$why}"
  fi
}

# volume_json VOLUME: sets json, by the last read_states, find_parted and find_writes.
volume_json() {
  local name=$1 minor=${minors[$1]:-none} generation=null since=null heard=null alone=null frozen paused ago=null at
  local snapshot=null
  local of_volume=${writes_of["$1 volume"]:-null} of_disk=${writes_of["$1 disk"]:-null}
  state_of "$minor"
  # A mark that is left over from an earlier time says nothing of a whole volume.
  if ! whole; then alone=${marks["$minor $name"]:-null}; fi
  if ! connected && [[ $cs != Unconfigured ]]; then { read -r since <"$lost_dir/$name"; } 2>/dev/null || true; fi
  # watch-peer.sh notes a loss up to 2 s late.
  if connected; then heard=$EPOCHSECONDS; elif [[ -e $heard_dir/$name ]]; then heard=${since/null/$EPOCHSECONDS}; fi
  if [[ -n ${generations[$name]:-} ]]; then
    generation=${generations[$name]}
    quote generation
  fi
  if verify_scheduled && { read -r at _ <"$record_dir/$name.verified"; } 2>/dev/null; then
    # The clock may have been set back since.
    if [[ $at =~ ^[0-9]+$ ]]; then ago=$((at < EPOCHSECONDS ? EPOCHSECONDS - at : 0)); fi
  fi
  find_snapshot "$1"
  truth paused test "$suspended" = yes
  truth frozen test -e "$frozen_dir/$name"
  quote name role peer_role disk peer_disk cs
  printf -v json '{"name":%s,"role":%s,"peerRole":%s,"disk":%s,"peerDisk":%s,"connection":%s,' \
    "$name" "$role" "$peer_role" "$disk" "$peer_disk" "$cs"
  printf -v json '%s"syncPercent":%s,"syncSecondsLeft":%s,"outOfSyncKiB":%s,"suspended":%s,"generation":%s,' \
    "$json" "${percent:-null}" "${seconds_left:-null}" "$oos_kib" "$paused" "$generation"
  printf -v json '%s"lostSince":%s,"heardUntil":%s,"alone":%s,"frozen":%s,"comparedAgo":%s,' \
    "$json" "${since:-null}" "${heard:-null}" "$alone" "$frozen" "$ago"
  printf -v json '%s"writes":{"volume":%s,"disk":%s},"snapshot":%s,"configuration":"%s"}' \
    "$json" "$of_volume" "$of_disk" "$snapshot" "${configuration["volume:$1"]:-}"
}
