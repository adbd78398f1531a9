#!/usr/bin/env bash
# Simulated KVM hosts on this machine, and the operator's place beside them: network namespaces joined by cables,
# without any link to the machine's own network. Each host has its own libvirtd, virtlogd and sshd, three bridges and an
# active storage pool `default`.
#   hosts.sh up   [--prefix P] [--hosts 1|2] [--state DIR] [--images DIR] [--kvm yes|no]
#   hosts.sh kill [--prefix P] --host a|b    one host loses its power: it is gone at once, with its cables and all that
#                                            ran on it
#   hosts.sh restart [--prefix P]            hosts that died come back, as they were started
#   hosts.sh down [--prefix P]
#   hosts.sh state [--prefix P]    prints the state directory; fails when there is none
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
say() { printf 'hosts.sh: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

command=${1:-}
shift || true
prefix=kvm hosts=2 state='' images=- kvm=no host=''
while (($#)); do
  (($# > 1)) || fail "option $1 has no value"
  case $1 in
    --prefix) prefix=$2 ;;
    --hosts) hosts=$2 ;;
    --state) state=$(readlink -m "$2") ;;
    --images) images=$(readlink -e "$2") || fail "no such directory: $2" ;;
    --kvm) kvm=$2 ;;
    --host) host=$2 ;;
    *) fail "unknown option '$1'" ;;
  esac
  shift 2
done
[[ $prefix =~ ^[a-z][a-z0-9-]{0,30}$ ]] || fail "prefix '$prefix': small letters, digits and - only"
[[ $hosts = [12] ]] || fail "--hosts is 1 or 2, not '$hosts'"
[[ $kvm = yes || $kvm = no ]] || fail "--kvm is yes or no, not '$kvm'"
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

namespace_exists() { [[ -e /run/netns/$1 ]]; }

# Process 1 of a host, by its number outside: in the host's network namespace, the process that is number 1 inside.
host_init() { # HOST
  local pid
  for pid in $(ip netns pids "$1" 2>/dev/null); do
    if [[ $(awk '/^NSpid:/ { print (NF > 2 ? $NF : 0) }' "/proc/$pid/status" 2>/dev/null) = 1 ]]; then
      printf '%s\n' "$pid"
      return
    fi
  done
  return 1
}

# Ends every process in a network namespace, then deletes it with its interfaces. When a host's process 1 ends, all
# others end with it. Programs of the operator have 3 s to end by themselves.
end_namespace() { # NAMESPACE
  local pid began=$SECONDS signal
  namespace_exists "$1" || return 0
  if pid=$(host_init "$1"); then kill -KILL "$pid" 2>/dev/null || true; fi
  while [[ -n $(ip netns pids "$1") ]]; do
    ((SECONDS - began < 15)) || fail "$1: these processes do not end: $(ip netns pids "$1" | tr '\n' ' ')"
    if ((SECONDS - began < 3)); then signal=TERM; else signal=KILL; fi
    # shellcheck disable=SC2046 # one argument per process
    kill -"$signal" $(ip netns pids "$1") 2>/dev/null || true
    sleep 0.2
  done
  ip netns delete "$1"
}

make_operator() {
  namespace_exists "$operator" && return
  ip netns add "$operator"
  ip -n "$operator" link set lo up
  ip -n "$operator" link add br-management type bridge
  ip -n "$operator" link set br-management up
  ip -n "$operator" address add 10.30.0.1/24 dev br-management
}

# The state directory, with the operator's key pair, ~/.ssh and /etc/hosts.
make_state() {
  local ssh="$state/operator-ssh"
  if [[ -e $state && ! -e $state/.hosts-of-the-lab ]]; then
    [[ $(stat --format %u "$state") = 0 ]] || fail "$state is there and does not belong to root"
  fi
  (umask 077 && mkdir -p "$state")
  : >"$state/.hosts-of-the-lab"
  (umask 077 && mkdir -p "$ssh")
  [[ -e $ssh/id_ed25519 ]] || ssh-keygen -q -t ed25519 -N '' -C "operator of the lab" -f "$ssh/id_ed25519"
  # operator.sh mounts that key over this directory, for its own processes.
  [[ -d $ssh_directory ]] || {
    (umask 077 && mkdir "$ssh_directory")
    : >"$state/.made-ssh-directory"
  }
  {
    printf '127.0.0.1 localhost\n::1 localhost\n'
    printf '10.30.0.2 %s-a\n10.30.0.3 %s-b\n10.30.0.4 %s-third\n' "$prefix" "$prefix" "$prefix"
  } >"$state/hosts"
  touch "$ssh/known_hosts"
  chmod 0600 "$ssh/known_hosts"
}

make_host_state() { # HOST ADDRESS
  local dir="$state/$1"
  if [[ ! -e $dir/ssh/authorized_keys ]]; then
    (umask 077 && mkdir -p "$dir")
    mkdir -p "$dir"/{etc/qemu/networks,lib/images,log/qemu,cache,ssh,tmp}
    chmod 1777 "$dir/tmp"
    cp -RP "$here/host/libvirt/." "$dir/etc/"
    mkdir -p "$dir/etc/storage/autostart"
    ln -sf /etc/libvirt/storage/default.xml "$dir/etc/storage/autostart/"
    ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$dir/ssh/ssh_host_ed25519_key" <<<y >/dev/null
    printf '%s,%s %s\n' "$2" "$1" "$(cut -d' ' -f1,2 "$dir/ssh/ssh_host_ed25519_key.pub")" \
      >>"$state/operator-ssh/known_hosts"
    cp "$state/operator-ssh/id_ed25519.pub" "$dir/ssh/authorized_keys"
  fi
  printf '127.0.0.1 localhost %s\n::1 localhost\n' "$1" >"$dir/hosts"
  # The user that Debian's libvirt is built for. libvirt-daemon-system would make it; the lab does without that package.
  cat /etc/passwd >"$dir/passwd"
  getent passwd libvirt-qemu >/dev/null \
    || printf 'libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin\n' >>"$dir/passwd"
  cat /etc/group >"$dir/group"
  getent group libvirt-qemu >/dev/null || printf 'libvirt-qemu:x:64055:\n' >>"$dir/group"
  # sshd refuses an account whose password field begins with "!", as root's does on some machines.
  (umask 077 && sed 's/^root:![^:]*:/root:*:/' /etc/shadow >"$dir/shadow")
}

# A namespace on the operator's management network, with the files of a machine.
make_place() {       # NAME NUMBER: the last part of its addresses
  end_namespace "$1" # of one that died
  make_host_state "$1" "10.30.0.$2"
  ip netns add "$1"
  ip -n "$1" link set lo up
  ip -n "$1" link add br-management type bridge
  ip -n "$1" link set br-management up
  ip -n "$1" address add "10.30.0.$2/24" dev br-management
  cable "$1" br-management cable-mgmt "$operator" br-management "cable-${1##*-}" 1500
}

start_place() { # NAME SCRIPT ARG…: SCRIPT of host/ becomes its process 1
  setsid nsenter --net="/run/netns/$1" unshare --mount --pid --uts --ipc --fork --kill-child \
    bash "$here/host/$2" "$1" "$state/$1" "${@:3}" </dev/null >"$state/$1/log/init.log" 2>&1 9>&- &
}

make_host() { # HOST NUMBER
  local network
  make_place "$1" "$2"
  for network in replication storage; do
    ip -n "$1" link add "br-$network" type bridge
    # A bridge of MTU 9000 carries smaller frames as well. Its guests decide.
    ip -n "$1" link set "br-$network" mtu 9000
    ip -n "$1" link set "br-$network" up
  done
  ip -n "$1" address add "10.20.0.$2/24" dev br-storage
  start_place "$1" init.sh "$images" "$kvm"
}

make_third() {
  make_place "$prefix-third" 4
  start_place "$prefix-third" third.sh
}

await_third() {
  local began=$SECONDS
  until ip netns exec "$prefix-third" bash -c 'exec 3<>/dev/tcp/10.30.0.4/22 4<>/dev/tcp/10.30.0.4/5403' 2>/dev/null; do
    if ((SECONDS - began >= 60)); then
      say "$prefix-third: sshd or corosync-qnetd does not answer after 60 s"
      tail --lines 5 "$state/$prefix-third"/log/*.log >&2
      exit 1
    fi
    sleep 0.2
  done
}

cable() { # NAMESPACE BRIDGE PORT  NAMESPACE BRIDGE PORT  MTU
  # The kernel removes the cables of a host that died in its own time.
  ip -n "$1" link delete "$3" 2>/dev/null || true
  ip -n "$4" link delete "$6" 2>/dev/null || true
  ip -n "$1" link add "$3" mtu "$7" type veth peer name "$6" mtu "$7" netns "$4"
  ip -n "$1" link set "$3" master "$2" up
  ip -n "$4" link set "$6" master "$5" up
}

await_host() { # HOST NUMBER
  local pid began=$SECONDS seen=''
  while ((SECONDS - began < 60)); do
    if pid=$(host_init "$1") \
      && seen=$(nsenter --target "$pid" --mount --net --pid \
        virsh --quiet --connect qemu:///system pool-info default 2>&1) \
      && [[ $seen = *running* ]] \
      && (exec 2>/dev/null && ip netns exec "$1" bash -c "exec 3<>/dev/tcp/10.30.0.$2/22"); then
      return
    fi
    [[ -n $pid ]] || ((SECONDS - began < 3)) || break # it has ended
    sleep 0.2
  done
  say "$1: libvirtd, its pool or sshd does not answer after $((SECONDS - began)) s. virsh says: ${seen:-nothing}"
  tail --lines 5 "$state/$1"/log/*.log >&2
  exit 1
}

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
  for name in "$prefix-a" "$prefix-b" "$prefix-third" "$operator"; do end_namespace "$name"; done
  if [[ -e $state/.made-ssh-directory ]]; then leave_ssh_directory; fi
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
  state)
    [[ -L $record ]] || fail "no hosts with prefix $prefix are up"
    readlink "$record"
    ;;
  *) fail "say up, kill, restart, down or state" ;;
esac
