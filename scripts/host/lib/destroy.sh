# shellcheck shell=bash
# Turning a mirror off at once: clients wait for it.

# kill_soon DOMAIN: libvirt asks a QEMU process to end and kills it when it has not after 10 s; one that is frozen never ends. Here it is killed after one
# second, if it is the same process still. Who may use libvirt and may not kill (a user in its group) waits for libvirt.
kill_soon() {
  local pid
  pid=$(cat "${QEMU_RUN:-/run/libvirt/qemu}/$1.pid") || return 0
  [[ $pid =~ ^[0-9]+$ ]] || return 0
  sleep 1
  if grep --null-data --quiet "^guest=$1," "/proc/$pid/cmdline"; then kill -KILL "$pid"; fi
}

# destroy_domain DOMAIN: `virsh destroy`, which says what there is to say.
destroy_domain() {
  local killer status=0
  kill_soon "$1" </dev/null >/dev/null 2>&1 &
  killer=$!
  timeout 30 virsh destroy "$1" </dev/null || status=$?
  kill "$killer" 2>/dev/null || true
  return "$status"
}
