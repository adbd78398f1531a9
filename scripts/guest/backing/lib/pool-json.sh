# shellcheck shell=bash
# The ZFS pool's part of what state.sh prints: one process, on a mirror that has one. Needs json.sh,
# call-waits.sh and pool.sh.

# Seconds within which ZFS must answer: a disk that hangs may have it wait in the kernel.
readonly zfs_patience=8

# shellcheck disable=SC2034,SC2154  # json is the result; pool, pool_record: pool.sh
# find_pool_json: sets json to what ZFS says of the pool; null where the mirror has none.
find_pool_json() {
  local answers asked text='' code=0 state='' errors=null faults=0 scrubbed=null when name one two three
  json=null
  [[ -e $pool_record ]] || return 0
  if call_waits zpool "$zfs_patience"; then
    state=silent
  else
    exec {answers}< <(exec zpool status -p "$pool" </dev/null 2>/dev/null)
    asked=$!
    # 1: it has ended; above 128: it has not, in this time.
    IFS= read -r -d '' -t "$zfs_patience" -u "$answers" text || code=$?
    exec {answers}<&-
    if ((code > 128)); then state=silent; elif ! wait "$asked"; then state=missing; fi
  fi
  if [[ -n $state ]]; then
    json="{\"state\":\"$state\",\"errors\":null,\"faults\":null,\"scrubbed\":null}"
    return
  fi
  if [[ $text =~ state:\ ([A-Z]+) ]]; then state=${BASH_REMATCH[1]}; fi
  if [[ $text =~ errors:\ No\ known ]]; then errors=0; fi
  if [[ $text =~ errors:\ ([0-9]+)\ data ]]; then errors=${BASH_REMATCH[1]}; fi
  # Reads, writes and checksums that went wrong on the disk, of which ZFS may have mended some.
  while read -r name _ one two three _; do
    if [[ $name == virtio-kvm-mirror.zfs* && "$one$two$three" =~ ^[0-9]+$ ]]; then faults=$((one + two + three)); fi
  done <<<"$text"
  if [[ $text =~ scrub\ repaired\ .*\ errors\ on\ ([^$'\n']+) ]]; then
    when=$(date --date "${BASH_REMATCH[1]}" +%s 2>/dev/null) && scrubbed=$when
  fi
  quote state
  json="{\"state\":$state,\"errors\":$errors,\"faults\":$faults,\"scrubbed\":$scrubbed}"
}
