#!/usr/bin/env bash
# site-facts.sh QUESTION...                      (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# What this host is, for `kvm-mirror check`. Only reads. Each probe has a time-out of its own, and all run at once.
#   --bridge NAME                    a bridge of the stack: its state, MTU and ports
#   --pool NAME                      its storage pool
#   --volume NAME                    whether that pool has this volume
#   --domain NAME                    whether a domain has this name, and which stack made it
#   --image VOLUME SOURCE CHECKSUM   whether the image can be had, unless the pool has it as VOLUME
#   --has ADDRESS                    the device on which this host has the address
#   --path FROM TO BYTES             whether packets of that size get from an address of this host to TO; 0: its MTU
#   --free ADDRESS                   whether a machine answers at the address: by ARP, so this host needs one beside it
#   --tcp ADDRESS PORT               whether a server answers there
# stdout: a JSON object a line, {"probe": NAME, …}, all values texts (src/operate/observe/siteFacts.ts). What cannot be
# had is {"probe": "unknown", "of", "why"}, and keeps nothing else back.
# sshd's settings and iptables need root or passwordless sudo; the rest a user who may use libvirt.
# Exit codes: 0 done, 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/as-root.sh"
. "$here/lib/permits.sh"
. "$here/lib/pool-space.sh"
. "$here/lib/site-machines.sh"
. "$here/lib/site-network.sh"
PATH=$PATH:/usr/sbin:/sbin

readonly name='^[A-Za-z0-9_][A-Za-z0-9_.+-]*$' address='^[0-9]{1,3}(\.[0-9]{1,3}){3}$' number='^[0-9]{1,5}$'
readonly place='(https://[!-~]+|/[^[:cntrl:]]+)'
readonly source="^$place\$" sum="^(sha256:[0-9a-f]{64}|sha256sums:$place)\$"
pool=
bridges=() volumes=() domains=() images=() own=() paths=() candidates=() servers=()
# take WORD...: whether the first words are what the question asks for.
take() {
  local pattern
  for pattern in "${patterns[@]}"; do
    [[ $# -gt 0 && $1 =~ $pattern ]] || usage
    shift
  done
}
while (($#)); do
  question=$1
  shift
  case $question in
    --bridge) patterns=("$name") into=bridges ;;
    --pool) patterns=("$name") into=pool ;;
    --volume) patterns=("$name") into=volumes ;;
    --domain) patterns=("$name") into=domains ;;
    --image) patterns=("$name" "$source" "$sum") into=images ;;
    --has) patterns=("$address") into=own ;;
    --path) patterns=("$address" "$address" "$number") into=paths ;;
    --free) patterns=("$address") into=candidates ;;
    --tcp) patterns=("$address" "$number") into=servers ;;
    *) usage ;;
  esac
  take "$@"
  declare -n list=$into
  if [[ $into == pool ]]; then pool=$1; else list+=("${@:1:${#patterns[@]}}"); fi
  unset -n list
  shift "${#patterns[@]}"
done

# text WORDS: sets `quoted` to a JSON string of them; what is not plain ASCII is a question mark.
text() {
  local words=${1//[^ -~]/?}
  words=${words//[\"\\]/?}
  quoted="\"${words:0:300}\""
}

# row PROBE KEY VALUE...: one line of the answer.
row() {
  local line quoted
  text "$1"
  line="{\"probe\":$quoted"
  shift
  while (($#)); do
    text "$2"
    line+=",\"$1\":$quoted"
    shift 2
  done
  printf '%s}\n' "$line"
}

# unknown WHAT WHY
unknown() { row unknown of "$1" why "${2##*$'\n'}"; }

probe_sshd() {
  local said starts
  said=$(as_root timeout 10 sshd -T 2>&1) || true
  starts=$(awk '$1 == "maxstartups" { print $2 }' <<<"$said")
  if [[ $starts =~ ^[0-9:]+$ ]]; then row sshd maxStartups "$starts"; else unknown "sshd's MaxStartups" "$said"; fi
}

# First of all, and at once: the operator's clock is compared with it.
row host time "$(date +%s.%3N)" root "$(if as_root true 2>/dev/null; then echo yes; else echo no; fi)"
probe_sshd &
probe_libvirt &
probe_forward &
for bridge in "${bridges[@]}"; do probe_bridge "$bridge" & done
for one in "${own[@]}"; do row address address "$one" device "$(device_of "$one")"; done
for ((index = 0; index < ${#paths[@]}; index += 3)); do probe_path "${paths[@]:index:3}" & done
for one in "${candidates[@]}"; do probe_free "$one" & done
for ((index = 0; index < ${#servers[@]}; index += 2)); do probe_tcp "${servers[@]:index:2}" & done
wait
