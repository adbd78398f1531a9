#!/usr/bin/env bash
# Simulated KVM hosts on this machine, and the operator's place beside them: network namespaces joined by cables,
# without any link to the machine's own network. Each host has its own libvirtd, virtlogd and sshd, three bridges and an
# active storage pool `default`.
#   hosts.sh up   [--prefix P] [--hosts 1|2] [--state DIR] [--images DIR] [--kvm yes|no]
#                 [--slow N]
#   hosts.sh kill [--prefix P] --host a|b    one host loses its power: it is gone at once, with its cables and all that
#                                            ran on it
#   hosts.sh restart [--prefix P]            hosts that died come back, as they were started
#   hosts.sh down [--prefix P]
#   hosts.sh release [--prefix P]            a lab of which nothing runs any more, as after a killed session, is in no
#                                            other's way then. DIR stays; `up` with it brings the hosts back
#   hosts.sh state [--prefix P]    prints the state directory; fails when there is none
#   hosts.sh --help                says this, and does nothing; so does --help after any of these
# N (default 1): by their own clocks guests run N times slower than this machine (docs/slowed-time.md).
# P (default kvm) names the namespaces: P-a, P-b (hosts), P-operator, and with two hosts P-third, a place with a vote
# (corosync-qnetd) and no mirror. Labs of different prefixes do not see one another, though their addresses are equal:
#   management   br-management   10.30.0.0/24   operator .1, host a .2, host b .3, third place .4
#   storage      br-storage      10.20.0.0/24   host a .2, host b .3
#   replication  br-replication  10.10.0.0/24   no host has an address in it
# DIR (default /var/tmp/kvm-mirror-P) holds all that the hosts store, and the operator's ssh key. `up` starts what does
# not run: hosts that died come back with their disks and domains, also after a restart of the machine. `down` ends
# everything and removes DIR.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
readonly here registry=/run/kvm-mirror
# shellcheck source=lab/lib/say.sh
source "$here/lib/say.sh"
# shellcheck source=lab/lib/namespaces.sh
source "$here/lib/namespaces.sh"
# shellcheck source=lab/lib/host-files.sh
source "$here/lib/host-files.sh"
# shellcheck source=lab/lib/places.sh
source "$here/lib/places.sh"

command=${1:-}
if [[ $command = --help || $command = -h ]]; then usage; fi
shift || true
prefix=kvm hosts=2 state='' images=- kvm=no slow=1 host=''
while (($#)); do
  if [[ $1 = --help || $1 = -h ]]; then usage; fi
  (($# > 1)) || fail "option $1 has no value"
  case $1 in
    --prefix) prefix=$2 ;;
    --hosts) hosts=$2 ;;
    --state) state=$(readlink -m "$2") ;;
    --images) images=$(readlink -e "$2") || fail "no such directory: $2" ;;
    --kvm) kvm=$2 ;;
    --slow) slow=$2 ;;
    --host) host=$2 ;;
    *) fail "unknown option '$1'" ;;
  esac
  shift 2
done
[[ $prefix =~ ^[a-z][a-z0-9-]{0,30}$ ]] || fail "prefix '$prefix': small letters, digits and - only"
[[ $hosts = [12] ]] || fail "--hosts is 1 or 2, not '$hosts'"
[[ $kvm = yes || $kvm = no ]] || fail "--kvm is yes or no, not '$kvm'"
[[ $slow =~ ^[1-9][0-9]?$ ]] || fail "--slow is a whole number from 1 to 99, not '$slow'"
[[ $slow = 1 || $kvm = no ]] || fail "guests on KVM keep the machine's time: --slow is for emulated ones"
state=${state:-/var/tmp/kvm-mirror-$prefix}
# A symbolic link to the state directory: there from the first step of `up` to the last of `down`.
readonly record="$registry/$prefix"
if [[ $command = restart ]]; then
  [[ -e $record/.started-with ]] || fail "no hosts with prefix $prefix are up"
  state=$(readlink "$record")
  read -r hosts kvm images <"$record/.started-with"
fi
readonly operator="$prefix-operator"
ssh_directory="$(getent passwd "$EUID" | cut -d: -f6)/.ssh" # where ssh looks, whatever $HOME is
names=("$prefix-a" "$prefix-b")
names=("${names[@]:0:hosts}")
readonly places=("$prefix-a" "$prefix-b" "$prefix-third" "$operator")

up() {
  local index name started=()
  for tool in ip libvirtd virtlogd virsh sshd ssh-keygen unshare nsenter corosync-qnetd; do
    command -v "$tool" >/dev/null || fail "there is no $tool on this machine. Install what the lab needs: bash" \
      "$here/packages.sh"
  done
  if [[ -L $record && $(readlink "$record") != "$state" ]]; then
    fail "a lab with prefix $prefix is up already, with its state in $(readlink "$record"). End that one first"
  fi
  if [[ ! -L $record ]] \
    && { namespace_exists "$operator" || namespace_exists "$prefix-a" || namespace_exists "$prefix-b"; }; then
    fail "there are network namespaces $prefix-… that this script did not make. Choose another --prefix, or delete" \
      "them (ip netns list)"
  fi
  make_state
  printf '%s %s %s\n' "$hosts" "$kvm" "$images" >"$state/.started-with"
  # Hosts that come back share the clock of the first start.
  if ((slow > 1)) && [[ ! -e $state/.slowed ]]; then printf '%s %s\n' "$slow" "$EPOCHSECONDS" >"$state/.slowed"; fi
  mkdir -p "$registry"
  mountpoint --quiet /run/netns || : >"$registry/.made-netns-directory"
  ln -sfn "$state" "$record"
  make_operator
  for index in "${!names[@]}"; do
    name=${names[index]}
    host_init "$name" >/dev/null && continue
    make_host "$name" $((index + 2))
    started+=("$name")
  done
  if ((hosts == 2 && ${#started[@]})); then
    cable "$prefix-a" br-replication cable-repl "$prefix-b" br-replication cable-repl 9000
    cable "$prefix-a" br-storage cable-stor "$prefix-b" br-storage cable-stor 9000
  fi
  if ((hosts == 2)) && ! host_init "$prefix-third" >/dev/null; then make_third; fi
  for index in "${!names[@]}"; do await_host "${names[index]}" $((index + 2)); done
  ((hosts == 1)) || await_third
  say "up: ${names[*]} (started now: ${started[*]:-none}), state in $state"
}

# Operators of other prefixes mount their key there, too: the last one removes it.
leave_ssh_directory() {
  local other
  for other in "$registry"/*; do
    if [[ -L $other && $other != "$record" && -d $other ]]; then
      : >"$other/.made-ssh-directory"
      return
    fi
  done
  rmdir --ignore-fail-on-non-empty "$ssh_directory"
}

# libfaketime leaves files in memory, two for each program that it has slowed. Those of another lab are in use.
leave_clock() {
  local other
  for other in "$registry"/*; do if [[ -L $other && $other != "$record" && -s $other/.slowed ]]; then return; fi; done
  find /dev/shm -maxdepth 1 -name '*faketime_*' -newer "$state/.slowed" -delete
}

inode() { stat --dereference --format %i "$1"; }

down() {
  if [[ ! -L $record ]]; then
    say "no hosts with prefix $prefix are up"
    return
  fi
  state=$(readlink "$record")
  if namespace_exists "$operator" && [[ $(inode "/run/netns/$operator") = $(inode /proc/self/ns/net) ]]; then
    fail "this is the lab's own operator shell. Leave it first"
  fi
  for name in "${places[@]}"; do end_namespace "$name"; done
  if [[ -e $state/.made-ssh-directory ]]; then leave_ssh_directory; fi
  if [[ -s $state/.slowed ]]; then leave_clock; fi
  if [[ -e $state/.hosts-of-the-lab ]]; then rm -rf --one-file-system "$state"; fi
  rm "$record"
  # The mount that the first `ip netns add` made.
  if [[ -e $registry/.made-netns-directory && $(find "$registry" -type l | wc -l) = 0 && -z $(ls -A /run/netns) ]]; then
    umount /run/netns
    rmdir /run/netns
    rm "$registry/.made-netns-directory"
  fi
  rmdir --ignore-fail-on-non-empty "$registry"
  say "down: prefix $prefix, $state removed"
}

release() {
  local name
  for name in "${places[@]}"; do
    [[ -z $(ip netns pids "$name" 2>/dev/null) ]] || fail "a lab with prefix $prefix is up: processes run in $name"
  done
  for name in "${places[@]}"; do end_namespace "$name"; done
  rm -f "$record"
}

[[ $EUID -eq 0 ]] || fail "needs root, to make namespaces and bridges"
exec 9</run # one `up` or `down` at a time on this machine
case $command in
  up | restart) flock 9 && up ;;
  kill)
    [[ $host = [ab] ]] || fail "--host is a or b, not '$host'"
    [[ -L $record ]] || fail "no hosts with prefix $prefix are up"
    flock 9 && end_namespace "$prefix-$host"
    say "kill: $prefix-$host is off"
    ;;
  down) flock 9 && down ;;
  release) flock 9 && release ;;
  state)
    [[ -L $record ]] || fail "no hosts with prefix $prefix are up"
    readlink "$record"
    ;;
  *) fail "say up, kill, restart, down, release or state" ;;
esac
