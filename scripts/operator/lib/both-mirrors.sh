# shellcheck shell=bash
# The two mirrors of a volume, for scripts that ask both. Needs mirror-ssh.sh.

declare -A target=() hostkey=() history=()

# know_mirrors NAME TARGET HOSTKEY NAME TARGET HOSTKEY
know_mirrors() {
  [[ $# == 6 ]] || usage
  target_or_usage "$2" "$3"
  target_or_usage "$5" "$6"
  one=$1 other=$4
  target=(["$1"]=$2 ["$4"]=$5) hostkey=(["$1"]=$3 ["$4"]=$6)
}

# on MIRROR SCRIPT ARGUMENT...: one of scripts/guest.
on() {
  local mirror=$1
  shift
  mirror_ssh "${target[$mirror]}" "${hostkey[$mirror]}" "$(guest "$@")" </dev/null
}

peer_of() { if [[ $1 == "$one" ]]; then printf '%s\n' "$other"; else printf '%s\n' "$one"; fi; }

# ask_history VOLUME: what volume-history.sh says on both mirrors, in $history by name.
# shellcheck disable=SC2034  # read by the caller
ask_history() {
  local mirror
  for mirror in "$one" "$other"; do history[$mirror]=$(on "$mirror" volume-history.sh "$1"); done
}
