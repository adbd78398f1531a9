# shellcheck shell=bash
# What group-start.sh tells DRBD's fence-peer handler: that this peer is off, as its KVM host has confirmed, or as only
# the operator has (by-word).

readonly fenced_dir=/run/kvm-mirror/fenced

# record_fenced PEER confirmed|by-word
record_fenced() { mkdir -p "$fenced_dir" && printf '%s\n' "$2" >"$fenced_dir/$1"; }

forget_fenced() { rm -f "$fenced_dir/$1"; }

# known_fenced PEER confirmed|by-word: a run recorded it within the last 2 minutes. That run goes on, or was killed.
known_fenced() {
  [[ -n $(find "$fenced_dir" -maxdepth 1 -name "$1" -mmin -2 2>/dev/null) && $(<"$fenced_dir/$1") == "$2" ]]
}
