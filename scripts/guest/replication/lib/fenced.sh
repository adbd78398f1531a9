# shellcheck shell=bash
# What group-start.sh tells DRBD's fence-peer handler: that this peer is off, as its KVM host has confirmed, or as only
# the operator has (by-word).

readonly fenced_dir=/run/kvm-mirror/fenced

# seconds_up: sets now, in seconds since the boot: no clock that somebody sets.
seconds_up() {
  read -r now _ </proc/uptime
  now=${now%.*}
}

# record_fenced PEER confirmed|by-word
record_fenced() {
  local now
  seconds_up
  make_directory "$fenced_dir" && printf '%s %s\n' "$2" "$now" >"$fenced_dir/$1"
}

forget_fenced() { rm -f "$fenced_dir/$1"; }

# known_fenced PEER confirmed|by-word: a run recorded it within the last 2 minutes. That run goes on, or was killed.
known_fenced() {
  local word moment now
  { read -r word moment <"$fenced_dir/$1"; } 2>/dev/null || return 1
  seconds_up
  [[ $word == "$2" && $moment =~ ^[0-9]+$ ]] && ((now - moment < 120))
}
