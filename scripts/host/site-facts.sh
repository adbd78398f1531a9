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
. "$here/lib/pool-space.sh"
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

# libvirt that hangs would make each of these wait: it is asked first.
probe_libvirt() {
  local said libvirt qemu
  if ! said=$(timeout 15 virsh version --daemon 2>&1); then
    unknown libvirt "${said:-no answer within 15 s}"
    probe_images
    return
  fi
  libvirt=$(sed -n 's/^Running against daemon: \([0-9.]*\).*/\1/p' <<<"$said")
  qemu=$(sed -n 's/^Running hypervisor: QEMU \([0-9.]*\).*/\1/p' <<<"$said")
  row libvirt libvirt "$libvirt" qemu "$qemu"
  probe_kvm
  if [[ -n $pool ]]; then probe_pool; fi
  probe_images
  probe_domains
}

# The device may be there and libvirt not offer it; libvirt's word is what `up` goes by.
probe_kvm() {
  local state=works said
  if [[ ! -c /dev/kvm ]]; then
    state=no-device
  elif ! said=$(timeout 15 virsh domcapabilities --virttype kvm 2>&1 >/dev/null); then
    state=refused
  fi
  row kvm state "$state" said "${said:-}"
}

# is_there FILE: the pool's folder may be closed to all but root.
is_there() { [[ -e $1 ]] || as_root test -e "$1" 2>/dev/null; }

present=
probe_pool() {
  local said state type dir='' free=0 promised='' volume
  if ! said=$(timeout 15 virsh pool-info "$pool" 2>&1); then
    row pool name "$pool" state absent type '' free 0 promised 0
    return
  fi
  state=$(sed -n 's/^State: *//p' <<<"$said")
  said=$(timeout 15 virsh pool-dumpxml "$pool" 2>&1) || true
  type=$(sed -n "s/^<pool type=['\"]\([a-z-]*\)['\"].*/\1/p" <<<"$said")
  dir=$(sed -n 's|^ *<path>\(.*\)</path>|\1|p' <<<"$said" | head -n 1)
  if [[ -d $dir ]]; then
    free=$(timeout 10 df --block-size=1 --output=avail -- "$dir" | tail -n 1) || free=0
    # shellcheck disable=SC2016  # of that shell
    promised=$(timeout 10 bash -c '. "$1"; pool_space' pool-space "$here/lib/pool-space.sh" 2>/dev/null \
      | tr '}' '\n' | sed -n "s/.*\"name\":\"${pool//./[.]}\",.*\"promised\":\([0-9]*\).*/\1/p") || promised=
  fi
  row pool name "$pool" state "$state" type "$type" free "${free// /}" promised "${promised:-0}"
  for volume in "${volumes[@]}"; do
    if is_there "$dir/$volume"; then row volume name "$volume"; fi
  done
  present=$dir
}

probe_domains() {
  local domain xml owner
  for domain in "${domains[@]}"; do
    xml=$(timeout 15 virsh dumpxml --inactive "$domain" 2>/dev/null) || continue
    owner=$(grep -o "<[^<>]*:owner [^<>]*https://pulumi.com/kvm-mirror[^<>]*" <<<"$xml" || true)
    owner=$(sed -n "s/.* stack=[\"']\([^\"']*\)[\"'].*/\1/p" <<<"$owner")
    row domain name "$domain" owner "$owner"
  done
}

# fetched SOURCE: a small file, from where `up` would get it.
fetched() {
  case $1 in
    https://*) timeout 20 curl --fail --silent --show-error --location --proto '=https' --proto-redir '=https' \
      --max-time 15 -- "$1" ;;
    *) cat -- "$1" ;;
  esac
}

probe_images() {
  local index
  for ((index = 0; index < ${#images[@]}; index += 3)); do
    if [[ -n $present ]] && is_there "$present/${images[index]}"; then continue; fi
    image_row "${images[index + 1]}" "${images[index + 2]}"
  done
}

# image_row SOURCE CHECKSUM
image_row() {
  local state=ok said='' expected=${2#sha256:}
  if [[ $2 == sha256sums:* ]]; then
    if ! said=$(fetched "${2#sha256sums:}" 2>&1); then
      row image source "$1" state no-list said "${said##*$'\n'}"
      return
    fi
    expected=$(awk -v name="${1##*/}" '$2 == name || $2 == "*" name { print $1; exit }' <<<"$said")
    said=
    if [[ ! $expected =~ ^[0-9a-fA-F]{64}$ ]]; then
      row image source "$1" state not-listed said ''
      return
    fi
  fi
  if [[ $1 == https://* ]]; then
    said=$(timeout 20 curl --fail --silent --show-error --location --head --proto '=https' --proto-redir '=https' \
      --max-time 15 --output /dev/null -- "$1" 2>&1) || state=unreachable
  elif [[ ! -f $1 ]]; then
    state=absent
  elif ! said=$(timeout 60 sha256sum -- "$1" 2>&1); then
    unknown "the checksum of $1" "${said:-not read within 60 s}"
    return
  else
    said=${said%% *}
    [[ $said == "${expected,,}" ]] || state=differs
  fi
  row image source "$1" state "$state" said "${said##*$'\n'}"
}

# link_word KEY: the word behind KEY in a line of `ip -o link`.
link_word() { sed -n "s/.* $1 \([^ ]*\).*/\1/p"; }

probe_bridge() {
  local line ports='' port state=up mtu=0
  if ! line=$(ip -o link show dev "$1" 2>/dev/null); then
    state=absent
  elif [[ -z $(ip -o link show dev "$1" type bridge 2>/dev/null) ]]; then
    state=no-bridge
  else
    mtu=$(link_word mtu <<<"$line")
    if [[ ! $line =~ [\<,]UP[,\>] ]]; then state=down; elif [[ $line == *NO-CARRIER* ]]; then state=no-carrier; fi
    # Taps of guests come and go; what joins the hosts is another port.
    while read -r _ port line; do
      port=${port%:} port=${port%%@*}
      [[ $port =~ ^(vnet|tap|macvtap) ]] || ports+=" $port:$(link_word mtu <<<" $line")"
    done < <(ip -o link show master "$1")
  fi
  row bridge name "$1" state "$state" mtu "$mtu" ports "${ports# }"
}

# device_of ADDRESS: on which this host has it.
device_of() { ip -o -4 address show to "$1/32" | awk '{ print $2; exit }'; }

probe_path() {
  local device bytes=$3 state=silent
  device=$(device_of "$1")
  [[ -n $device ]] || return 0
  ((bytes > 0)) || bytes=$(ip -o link show dev "$device" | link_word mtu)
  # 28 bytes are the headers of IP and ICMP.
  if timeout 10 ping -n -q -c 1 -W 2 -I "$1" "$2" >/dev/null 2>&1 \
    || timeout 10 ping -n -q -c 1 -W 2 -I "$1" "$2" >/dev/null 2>&1; then
    state=small
    if timeout 10 ping -n -q -c 2 -W 2 -M 'do' -s $((bytes - 28)) -I "$1" "$2" >/dev/null 2>&1; then state=full; fi
  fi
  row path to "$2" device "$device" bytes "$bytes" state "$state"
}

# Whoever answers ARP is there, whatever it thinks of pings.
probe_free() {
  local route device neighbour state=free mac=''
  route=$(ip -o -4 route get "$1" 2>/dev/null) || route=
  device=$(sed -n 's/.* dev \([^ ]*\) .*/\1/p' <<<"$route")
  if [[ $route == local* ]]; then
    state=own
  elif [[ -z $device || $route == *' via '* ]]; then
    state=no-way
  else
    if timeout 10 ping -n -q -c 2 -W 1 -I "$device" "$1" >/dev/null 2>&1; then state=taken; fi
    neighbour=$(ip -4 neighbour show to "$1" dev "$device")
    mac=$(sed -n 's/.*lladdr \([^ ]*\).*/\1/p' <<<"$neighbour")
    if [[ $neighbour == *REACHABLE* ]]; then state=taken; fi
  fi
  row free address "$1" state "$state" mac "$mac"
}

probe_tcp() {
  local state=closed
  if timeout 5 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null; then state=open; fi
  row tcp address "$1" port "$2" state "$state"
}

# With bridge-nf-call-iptables, packets from port to port of a bridge meet the host's FORWARD chain.
probe_forward() {
  local calls=0 rules policy accepts=yes manager=none bridge
  calls=$(cat /proc/sys/net/bridge/bridge-nf-call-iptables 2>/dev/null) || calls=0
  if [[ $calls != 1 ]]; then
    row forward calls 0 policy '' accepts yes manager none
    return
  fi
  if ! rules=$(as_root timeout 10 iptables -w 5 -S 2>&1); then
    unknown "the host's firewall, which sees bridged packets" "$rules"
    return
  fi
  policy=$(sed -n 's/^-P FORWARD //p' <<<"$rules")
  if ! grep -Eq '^-A (FORWARD|DOCKER-USER) .*--physdev-is-bridged .*-j ACCEPT' <<<"$rules"; then
    for bridge in "${bridges[@]}"; do
      grep -Eq "^-A (FORWARD|DOCKER-USER) -i ${bridge//./[.]} -o ${bridge//./[.]} -j ACCEPT" <<<"$rules" || accepts=no
    done
  fi
  if grep -q '^-N ufw-' <<<"$rules"; then manager=ufw; fi
  if grep -q '^-N DOCKER-USER' <<<"$rules"; then manager=docker; fi
  row forward calls 1 policy "$policy" accepts "$accepts" manager "$manager"
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
