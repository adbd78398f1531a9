# shellcheck shell=bash
# Turning a mirror off at once: clients wait for it.

# kill_soon DOMAIN: kills the QEMU process after one second, if it is still the same one. libvirt asks it to end, and
# kills it only after 10 s; a frozen process never ends by itself. A user who may use libvirt but not kill (one of
# libvirt's group) waits for libvirt.
kill_soon() {
  local pid
  pid=$(cat "${QEMU_RUN:-/run/libvirt/qemu}/$1.pid") || return 0
  [[ $pid =~ ^[0-9]+$ ]] || return 0
  sleep 1
  if grep --null-data --quiet "^guest=$1," "/proc/$pid/cmdline"; then kill -KILL "$pid"; fi
}

# destroy_domain DOMAIN: `virsh destroy`, with its output and exit code.
destroy_domain() {
  local killer status=0
  kill_soon "$1" </dev/null >/dev/null 2>&1 &
  killer=$!
  timeout 30 virsh destroy "$1" </dev/null || status=$?
  kill "$killer" 2>/dev/null || true
  return "$status"
}

# managed_save DOMAIN: "yes" where its memory is saved on disk (virsh managedsave, libvirt-guests at the host's
# shutdown), else "no". 1 when libvirt does not say.
managed_save() {
  local about
  about=$(timeout 20 virsh dominfo "$1" </dev/null 2>/dev/null) || return 1
  sed -n 's/^Managed save: *\(yes\|no\)$/\1/p' <<<"$about" | grep .
}

# forget_memory DOMAIN: removes the saved memory of a domain that is off, sees that it is gone, and says so. A mirror
# that is started with saved memory goes on as what it was: primary, with VIP and servers. 1: it is not known to be
# gone.
forget_memory() {
  local saved words
  saved=$(managed_save "$1") || {
    printf 'libvirt does not say whether the memory of %s is saved on disk\n' "$1"
    return 1
  }
  [[ $saved == yes ]] || return 0
  words=$(timeout 30 virsh managedsave-remove "$1" </dev/null 2>&1) || true
  [[ $(managed_save "$1") == no ]] || {
    printf 'the saved memory of %s cannot be removed: %s\n' "$1" "${words##*error: }"
    return 1
  }
  printf 'the memory of %s, saved on disk, is removed: it can only boot afresh\n' "$1"
}
