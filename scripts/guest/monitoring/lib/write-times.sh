# shellcheck shell=bash
# How long writes take on this mirror, by the kernel's counters (Documentation/block/stat.rst): on each volume, as its
# clients have it, and on the disk below it. watch-writes.sh looks every 10 s, and leaves the last minute in a file,
# for state.sh, metrics.py and notify.py (write_times.py reads it there).
# The file: seconds of /proc/uptime at which it was written, then lines
#   VOLUME WHERE SPAN WRITES MS STUCK
# WHERE is `volume` (DRBD's device) or `disk`; SPAN, how many ms the line covers; WRITES, begun or ended in it (kernels
# differ), flushes among them; MS, what they took, one beside the other counted for each; STUCK, for how many ms writes
# have been waiting and none has ended, or reads: a write may wait for a read, as while copies are compared.
# shellcheck disable=SC2034  # for the scripts that load this

readonly writes_file=/run/kvm-mirror/writes
readonly writes_unit=kvm-mirror-watch-writes.service
# Looks are 10 s apart: a minute is seven of them. A file that has not been written for longer than that is stale.
readonly writes_every=10 writes_looks=7 writes_stale=60

# uptime_ms: sets now. Nobody sets that clock.
uptime_ms() {
  local up
  read -r up _ </proc/uptime
  now=$((10#${up/./} * 10))
}

# find_write_devices: sets watched["VOLUME WHERE"]=NAME below /sys/block, by DRBD's configuration of this mirror. One
# process for all disks: a logical volume's name is a link.
declare -A watched=()
find_write_devices() {
  local file line volume section mirror keys=() disks=() names=() at
  watched=()
  read -r mirror </proc/sys/kernel/hostname
  for file in /etc/drbd.d/*.res; do
    [[ -e $file ]] || continue
    volume=${file##*/} volume=${volume%.res} section=
    while read -r line; do
      if [[ $line =~ ^on[[:space:]]+\"?([^[:space:]\"]+) ]]; then
        section=${BASH_REMATCH[1]}
      elif [[ -z $section || $section == "$mirror" ]]; then
        if [[ $line =~ ^device[[:space:]].*(/dev/drbd|minor[[:space:]]+)([0-9]+)\; ]]; then
          watched["$volume volume"]=drbd${BASH_REMATCH[2]}
        elif [[ $line =~ ^disk[[:space:]]+\"?(/[^[:space:]\"\;]+) ]]; then
          keys+=("$volume disk") disks+=("${BASH_REMATCH[1]}")
        fi
      fi
    done <"$file"
  done
  ((${#disks[@]} > 0)) || return 0
  # -m: a line for each, whether it is there or not.
  mapfile -t names < <(exec readlink -m -- "${disks[@]}")
  for at in "${!keys[@]}"; do watched[${keys[at]}]=${names[at]##*/}; done
}

# counters NAME: sets writes and ms since its first use, flushes among them, and waiting: writes that have not ended;
# and reads, read_ms and reading likewise. 1: there is no such device.
counters() {
  local words=()
  { read -r -a words <"/sys/block/$1/stat" && read -r reading waiting <"/sys/block/$1/inflight"; } 2>/dev/null \
    || return 1
  writes=$((words[4] + ${words[15]:-0})) ms=$((words[7] + ${words[16]:-0}))
  reads=${words[0]} read_ms=${words[3]}
}

# none_ended DID MS WAITING NOW_DID NOW_MS NOW_WAITING: whether requests have waited from one look to the next, and none
# has ended. Some kernels count one when it begins, others when it ends.
none_ended() { (($5 == $2 && $6 > 0 && $3 > 0 && ($4 == $1 || $4 - $1 == $6 - $3))); }

# stuck_for KEY DID…: adds the time from the look `last` to `now` to how long KEY is stuck, or begins anew. A look that
# comes late was held up itself, with the whole mirror perhaps: that says little of the disk.
stuck_for() {
  local since=$((now - last[0])) most=$((writes_every * 2000))
  if none_ended "${@:2}"; then
    stuck[$1]=$((${stuck[$1]:-0} + (since < most ? since : most)))
  else
    stuck[$1]=0
  fi
}

# look_at_writes: a look at all of them; sets said to the lines of the file. Needs find_write_devices.
declare -A looks=() stuck=()
look_at_writes() {
  local key now writes ms waiting reads read_ms reading before last most
  uptime_ms
  said=$((now / 1000))$'\n'
  for key in "${!looks[@]}"; do if [[ -z ${watched[$key]:-} ]]; then unset "looks[$key]"; fi; done
  for key in "${!watched[@]}"; do
    if ! counters "${watched[$key]}"; then
      unset "looks[$key]"
      continue
    fi
    # Of each look: when, and the six counters.
    read -r -a before <<<"${looks[$key]:-}"
    if ((${#before[@]} > 0)); then
      last=("${before[@]: -7}")
      # A new device under the old name counts from 0.
      if ((writes < last[1] || ms < last[2])); then before=(); fi
    fi
    if ((${#before[@]} > 0)); then
      stuck_for "$key writes" "${last[@]:1:3}" "$writes" "$ms" "$waiting"
      stuck_for "$key reads" "${last[@]:4:3}" "$reads" "$read_ms" "$reading"
    else
      stuck["$key writes"]=0 stuck["$key reads"]=0
    fi
    before+=("$now" "$writes" "$ms" "$waiting" "$reads" "$read_ms" "$reading")
    while ((${#before[@]} > 7 * writes_looks)); do before=("${before[@]:7}"); done
    looks[$key]=${before[*]}
    # One look says nothing.
    if ((${#before[@]} == 7)); then continue; fi
    most=${stuck["$key writes"]}
    if ((${stuck["$key reads"]} > most)); then most=${stuck["$key reads"]}; fi
    said+="$key $((now - before[0])) $((writes - before[1])) $((ms - before[2])) $most"$'\n'
  done
}

# read_writes: sets lines to those of the file but the first, which have writes_form, and age to how many ms ago they
# were written. 1: there is nothing to go by. Starts no process.
read_writes() {
  local at now
  { mapfile -t lines <"$writes_file"; } 2>/dev/null || lines=()
  at=${lines[0]:-}
  [[ $at =~ ^[0-9]+$ ]] || return 1
  uptime_ms
  age=$((now - at * 1000)) lines=("${lines[@]:1}")
}
readonly writes_form='^([^ ]+ (volume|disk)) ([0-9]+) ([0-9]+) ([0-9]+) ([0-9]+)$'

# disk_hangs SECONDS VOLUME...: whether a disk here has answered nothing for so long, while clients wait for the volume
# on it; sets hanging to the first such volume. By looks that are no older than two, and a last one of its own: for 2 s
# nothing may end.
disk_hangs() {
  local least=$(($1 * 1000)) age lines=() line volume
  local -A waits=()
  hanging=
  { read_writes && ((age <= writes_every * 2500)); } || return 1
  for line in "${lines[@]}"; do
    [[ $line =~ $writes_form ]] || continue
    if ((BASH_REMATCH[6] > 0)); then waits[${BASH_REMATCH[1]}]=$((BASH_REMATCH[6] + age)); fi
  done
  for volume in "${@:2}"; do
    ((${waits["$volume volume"]:-0} >= least && ${waits["$volume disk"]:-0} >= least)) || continue
    ends_nothing "$volume" || continue
    hanging=$volume
    return 0
  done
  return 1
}

# ends_nothing VOLUME: whether writes wait, on the disk below it, and none ends for 2 s; or reads.
ends_nothing() {
  local name writes ms waiting reads read_ms reading before=()
  find_write_devices
  name=${watched["$1 disk"]:-none}
  counters "$name" || return 1
  before=("$writes" "$ms" "$waiting" "$reads" "$read_ms" "$reading")
  pause 2
  counters "$name" || return 1
  none_ended "${before[@]:0:3}" "$writes" "$ms" "$waiting" || none_ended "${before[@]:3}" "$reads" "$read_ms" "$reading"
}

# find_writes: what the file says; sets writes_of["VOLUME WHERE"] to JSON, and writes_watched: null where no service
# looks, else whether it has looked of late. Starts no process.
declare -A writes_of=()
find_writes() {
  local age line lines=()
  writes_watched=null writes_of=()
  if [[ ! -e $writes_file ]] && ! starts_at_boot "$writes_unit"; then return 0; fi
  if ! read_writes || ((age / 1000 > writes_stale)); then
    writes_watched=false
    return 0
  fi
  writes_watched=true
  for line in "${lines[@]}"; do
    [[ $line =~ $writes_form ]] || continue
    printf -v "writes_of[${BASH_REMATCH[1]}]" '{"seconds":%d,"writes":%d,"ms":%d,"stuck":%d}' \
      "$((BASH_REMATCH[3] / 1000))" "${BASH_REMATCH[4]}" "${BASH_REMATCH[5]}" "$((BASH_REMATCH[6] / 1000))"
  done
}
