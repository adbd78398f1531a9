# shellcheck shell=bash
# Source this: network namespaces, what runs in them, and the cables between them.

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

cable() { # NAMESPACE BRIDGE PORT  NAMESPACE BRIDGE PORT  MTU
  # The kernel removes the cables of a host that died in its own time.
  ip -n "$1" link delete "$3" 2>/dev/null || true
  ip -n "$4" link delete "$6" 2>/dev/null || true
  ip -n "$1" link add "$3" mtu "$7" type veth peer name "$6" mtu "$7" netns "$4"
  ip -n "$1" link set "$3" master "$2" up
  ip -n "$4" link set "$6" master "$5" up
}
