# shellcheck shell=bash
# When `drbdadm verify` ended, and what it found: the kernel says it once, in its log (drbd_worker.c,
# drbd_resync_finished). A record of it stays: /var/lib/kvm-mirror/VOLUME.verified, "MOMENT BYTES". Needs drbd-state.sh.

# Until when the journal has been read. A reboot forgets it, and all that the journal still has is read once more.
readonly verified_until=/run/kvm-mirror/verified-until

# volumes_and_minors: words, from DRBD's files; without drbdadm, which is a process for each.
volumes_and_minors() {
  local file line volume device='^[[:space:]]*device[[:space:]]+(.*minor[[:space:]]+|/dev/drbd)([0-9]+)[[:space:]]*;'
  for file in /etc/drbd.d/*.res; do
    [[ -e $file ]] || continue
    volume=${file##*/} volume=${volume%.res}
    while read -r line; do
      if [[ $line =~ $device ]]; then
        printf '%s %s\n' "$volume" "${BASH_REMATCH[2]}"
        break
      fi
    done <"$file"
  done
}

# verifies_in: lines "MINOR MOMENT BYTES" of the comparisons that ended, from the kernel's log (journalctl -o
# short-unix) on stdin: the last one of each device. It says that one ended, and then how many blocks of 4 KiB differ.
verifies_in() {
  awk '
    !match($0, /block drbd[0-9]+: Online verify /) { next }
    { minor = substr($0, RSTART + 10, RLENGTH - 10); sub(/:.*/, "", minor) }
    / Online verify +done / { split($1, part, "."); ended[minor] = part[1]; bytes[minor] = 0 }
    match($0, / found [0-9]+ 4k block/) && minor in ended {
      split(substr($0, RSTART), word, " ")
      bytes[minor] = word[2] * 4096
    }
    END { for (minor in ended) print minor, ended[minor], bytes[minor] }'
}

# record_verifies VOLUME MINOR...: brings the records up to date. 1 when the journal cannot be read.
# shellcheck disable=SC2154  # base.sh sets record_dir
record_verifies() {
  local -A volume_of=()
  local now=$EPOCHSECONDS since=0 minor moment bytes known found
  while (($# > 0)); do volume_of[$2]=$1 && shift 2; done
  { read -r since <"$verified_until"; } 2>/dev/null || true
  [[ $since =~ ^[0-9]+$ ]] || since=0
  # What was logged at the very moment of the last look may not have been in the journal yet.
  ((since < 10)) || since=$((since - 10))
  found=$(timeout 60 journalctl _TRANSPORT=kernel --since "@$since" --no-pager --quiet -o short-unix 2>/dev/null \
    | verifies_in) || return 1
  while read -r minor moment bytes; do
    [[ -n ${volume_of[${minor:-none}]:-} ]] || continue
    known=0
    { read -r known _ <"$record_dir/${volume_of[$minor]}.verified"; } 2>/dev/null || true
    if ((moment > known)); then
      printf '%s %s\n' "$moment" "$bytes" | write_durably "$record_dir/${volume_of[$minor]}.verified" 0644
    fi
  done <<<"$found"
  printf '%s\n' "$now" >"$verified_until"
}
