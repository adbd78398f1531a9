# shellcheck shell=bash
# The ZFS pool's part of what state.sh prints: one process, on a mirror that has one. Needs json.sh,
# call-waits.sh and pool.sh.

# Seconds within which ZFS must answer: a disk that hangs may have it wait in the kernel.
readonly zfs_patience=8

# zfs_answer COMMAND...: sets text to what it says. 1: it failed, 2: it has not ended within zfs_patience.
zfs_answer() {
  local answers asked code=0
  text=''
  exec {answers}< <(exec "$@" </dev/null 2>/dev/null)
  asked=$!
  # 1: it has ended; above 128: it has not, in this time.
  IFS= read -r -d '' -t "$zfs_patience" -u "$answers" text || code=$?
  exec {answers}<&-
  ((code <= 128)) || return 2
  wait "$asked" || return 1
}

# shellcheck disable=SC2034,SC2154  # json is the result; pool, pool_record, sync_of_all: pool.sh
# find_pool_json: sets json to what ZFS says of the pool; null where the mirror has none.
find_pool_json() {
  local text code=0 state='' errors=null faults=0 scrubbed=null unsafe='' when name one two three
  json=null
  [[ -e $pool_record ]] || return 0
  if call_waits zpool "$zfs_patience"; then
    state=silent
  else
    zfs_answer zpool status -p "$pool" || code=$?
    case $code in 1) state=missing ;; 2) state=silent ;; esac
  fi
  if [[ -n $state ]]; then
    json="{\"state\":\"$state\",\"errors\":null,\"faults\":null,\"scrubbed\":null,\"unsafe\":null}"
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
  json="{\"state\":$state,\"errors\":$errors,\"faults\":$faults,\"scrubbed\":$scrubbed"
  if zfs_answer zfs get "${sync_of_all[@]}"; then
    # Names of our own: they have nothing to quote.
    for name in $(without_sync <<<"$text"); do unsafe+="${unsafe:+,}\"$name\""; done
    unsafe="[$unsafe]"
  fi
  json+=",\"unsafe\":${unsafe:-null}}"
}
