# shellcheck shell=bash
# Since when a volume has not heard its peer, and whether it ever has. A reboot forgets both, and DRBD then cannot be
# certain of its data either.

readonly lost_dir=/run/kvm-mirror/lost heard_dir=/run/kvm-mirror/heard

# remember_lost VOLUME: keeps the first moment.
remember_lost() {
  [[ ! -e $lost_dir/$1 ]] || return 0
  mkdir -p "$lost_dir"
  date +%s >"$lost_dir/$1"
}

found_again() {
  rm -f "$lost_dir/$1"
  [[ ! -e $heard_dir/$1 ]] || return 0
  mkdir -p "$heard_dir"
  : >"$heard_dir/$1"
}

# lost_since VOLUME: seconds since 1970; nothing when it is connected, or it is unknown.
lost_since() { cat "$lost_dir/$1" 2>/dev/null || true; }
