# shellcheck shell=bash
# Source this: the operator's place, the hosts and the third place, made and waited for. Wants $here (lab/), $prefix,
# $operator, $state, $images and $kvm of hosts.sh, with namespaces.sh and host-files.sh.
# shellcheck disable=SC2154 # those are set there

make_operator() {
  namespace_exists "$operator" && return
  ip netns add "$operator"
  ip -n "$operator" link set lo up
  ip -n "$operator" link add br-management type bridge
  ip -n "$operator" link set br-management up
  ip -n "$operator" address add 10.30.0.1/24 dev br-management
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
  # Hosts keep the machine's time, also where the caller keeps the guests'.
  env --unset=LD_PRELOAD --unset=FAKETIME setsid nsenter --net="/run/netns/$1" \
    unshare --mount --pid --uts --ipc --fork --kill-child \
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
