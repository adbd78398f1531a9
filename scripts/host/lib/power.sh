# shellcheck shell=bash
# Whether a mirror is off, as far as libvirt of its KVM host knows.
# "shut off" is not enough: after `virsh migrate` the host that the machine left says so, too, and the machine runs
# elsewhere. libvirt knows that for as long as its daemon runs (the reason is then "migrated"; "unknown" after a
# restart), so it is kept here, in a file of the domain's name that holds its UUID. Where nobody looked in time,
# libvirt's log of the domain still says it; only root may read that.

moved_away=~/.local/state/kvm-mirror/moved

# power DOMAIN: prints one word; 1, and libvirt's error message, when libvirt does not say.
#   on      it has a QEMU process, in whatever state
#   moved   it was migrated away, and has not run here since
#   off     neither
# A managed save counts as off: lib/destroy.sh.
power() {
  local words note=$moved_away/$1
  words=$(LC_ALL=C timeout 20 virsh domstate --reason "$1" </dev/null 2>&1) || {
    words=${words##*$'\n'}
    printf '%s\n' "${words#error: }"
    return 1
  }
  case ${words%%$'\n'*} in
    'shut off (migrated)')
      remember_moved "$1" "$note" || true # libvirt's own word is enough for now
      printf 'moved\n'
      ;;
    'shut off (unknown)' | 'shut off')
      if { [[ -e $note ]] && is_noted "$1" "$note"; } || left_by_log "$1"; then
        printf 'moved\n'
      else
        printf 'off\n'
      fi
      ;;
    'shut off ('*)
      rm -f "$note"
      printf 'off\n'
      ;;
    *)
      rm -f "$note"
      printf 'on\n'
      ;;
  esac
}

# remember_moved DOMAIN FILE
remember_moved() {
  local uuid
  uuid=$(virsh domuuid "$1" </dev/null 2>/dev/null) || return 1
  uuid=${uuid%%$'\n'*}
  [[ $(cat "$2" 2>/dev/null) != "$uuid" ]] || return 0
  mkdir -p "${2%/*}" && printf '%s\n' "$uuid" >"$2.new" && mv -T "$2.new" "$2"
}

# is_noted DOMAIN FILE: the file is about this domain, not about an earlier one of its name. Where libvirt does not say,
# it is.
is_noted() {
  local uuid
  uuid=$(virsh domuuid "$1" </dev/null 2>/dev/null) || return 0
  [[ ${uuid%%$'\n'*} == "$(<"$2")" ]]
}

# left_by_log DOMAIN: the last thing that libvirt's log says of its QEMU here is that it was migrated away. The log may
# have been rotated once.
left_by_log() {
  local file last
  for file in "/var/log/libvirt/qemu/$1.log" "/var/log/libvirt/qemu/$1.log.1"; do
    last=$(grep -aE '^[-0-9]+ [:.0-9]+[-+][0-9]+: (starting up|shutting down)' "$file" 2>/dev/null | tail -n 1) || true
    [[ -n $last ]] || continue
    [[ $last == *'shutting down, reason=migrated' ]]
    return
  done
  return 1
}

# moved_words DOMAIN: what to do about one that was moved away.
moved_words() {
  printf '%s was migrated away from this KVM host (virsh migrate), and may run elsewhere. Find it, and migrate' "$1"
  printf ' it back, or turn it off there; then have libvirt here know that it is off:'
  printf ' virsh start %s --paused --force-boot && virsh destroy %s\n' "$1" "$1"
}
