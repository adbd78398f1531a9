# shellcheck shell=bash
# Permits: whether libvirt of this host may start a client of a stack. A permit is a small file DOMAIN@PROJECT,STACK,
# one a client and stack, that libvirt's hook (permit-hook.sh) goes by:
#   start here|elsewhere|incoming
#                            whether it may start here; incoming: only as the live migration of its token
#   active NAME              its active host, by the stack file's name
#   here NAME                this host
#   kind machine|existing    the stack made the machine, or it is the VM team's
#   uuid UUID                of a machine of the stack
#   token TOKEN              of a live migration to here
#   torn FILE INODE BIRTH    a disk of it here that a live migration has begun to copy, and not ended: it boots no more
# Needs say.sh and as-root.sh; whoever changes anything takes the lock of shared-settings.sh.
# shellcheck disable=SC2154  # here: of the script that loads this

permits=/var/lib/kvm-mirror/permits
hook=/etc/libvirt/hooks/qemu.d/kvm-mirror
hook_caller=/run/kvm-mirror/hook-caller

# permit_file OWNER CLIENT
permit_file() { printf '%s/%s@%s' "$permits" "$2" "${1//\//,}"; }

# permit_word FILE KEY: what a permit says under a key; empty where there is none.
permit_word() { [[ ! -e $1 ]] || sed -n "s/^$2 //p" "$1"; }

# permit_of CLIENT: what this host may do with it, as permits of all stacks say: here, elsewhere, incoming, none;
# unreadable where one says nothing that the hook understands.
permit_of() {
  local file word said=none
  for file in "$permits/$1"@*; do
    [[ -e $file ]] || continue
    word=$(permit_word "$file" start 2>/dev/null) || word=''
    case $word in
      here) if [[ $said == none ]]; then said=here; fi ;;
      elsewhere | incoming) if [[ $said != unreadable ]]; then said=$word; fi ;;
      *) said=unreadable ;;
    esac
  done
  printf '%s' "$said"
}

# identity FILE...: lines "torn FILE INODE BIRTH". A disk that is made anew has another birth.
identity() { as_root stat -c 'torn %n %i %W' -- "$@"; }

# still_torn PERMIT: the lines of a permit about disks that are still those whose copy was not ended.
still_torn() {
  local line file
  [[ -e $1 ]] || return 0
  while read -r line; do
    file=${line#torn } file=${file% * *}
    if [[ $(identity "$file" 2>/dev/null || true) == "$line" ]]; then printf '%s\n' "$line"; fi
  done < <(sed -n '/^torn /p' "$1")
}

# write_permit FILE: stdin becomes the permit by rename, on disk when this returns.
write_permit() {
  as_root install -d -m 0755 "$permits" </dev/null
  as_root tee "$permits/.new" >/dev/null
  as_root chmod 0644 "$permits/.new"
  as_root sync "$permits/.new"
  as_root mv -T "$permits/.new" "$1"
  as_root sync "$permits"
}

# install_hook: puts the hook in place by rename. libvirt runs every file of its directory: the new one grows beside it.
install_hook() {
  if cmp -s "$here/permit-hook.sh" "$hook" && [[ -x $hook ]]; then return; fi
  as_root install -d "${hook%/*}"
  as_root install -m 0755 "$here/permit-hook.sh" "${hook%/*/*}/.kvm-mirror.new"
  as_root sync "${hook%/*/*}/.kvm-mirror.new"
  as_root mv -T "${hook%/*/*}/.kvm-mirror.new" "$hook"
  as_root sync "${hook%/*}"
  # Whatever was proven of one that was gone meanwhile.
  as_root rm -f "$hook_caller"
}

# daemon: process of the libvirt daemon that runs QEMU here; empty where none runs (a socket starts it when needed).
daemon() {
  local file pid
  for file in /run/virtqemud.pid /run/libvirtd.pid; do
    pid=$(cat "$file" 2>/dev/null) || continue
    if [[ $pid =~ ^[0-9]+$ && $(cat "/proc/$pid/comm" 2>/dev/null) =~ ^(virtqemud|libvirtd)$ ]]; then
      printf '%s' "$pid"
      return
    fi
  done
}

# is_proven: this daemon, of the process given, has called the hook.
is_proven() {
  local caller stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  read -ra stat <<<"${stat##*) }"
  caller=$(cat "$hook_caller" 2>/dev/null) || return 1
  [[ $caller == "$1 ${stat[19]:-}" ]]
}

# hook_state: whether libvirt calls the hook.
#   absent  it is not installed
#   old     libvirt before 6.5 does not look into its directory (https://libvirt.org/hooks.html)
#   waits   it was installed after libvirt's daemon last looked for hooks: at its start, and on SIGHUP (virhook.c)
#   called  this daemon has called it, or has started since
hook_state() {
  local version pid started
  [[ -x $hook ]] || {
    printf absent
    return
  }
  version=$(timeout 15 virsh version --daemon 2>/dev/null | sed -n 's/^Running against daemon: //p') || version=''
  if [[ $version =~ ^([0-9]+)\.([0-9]+)\. ]] && ((BASH_REMATCH[1] * 1000 + BASH_REMATCH[2] < 6005)); then
    printf old
    return
  fi
  pid=$(daemon)
  if [[ -n $pid ]] && ! is_proven "$pid"; then
    started=$(($(date +%s) - $(ps -o etimes= -p "$pid")))
    # Both are in whole seconds, rounded: within two nobody knows which came first.
    if ((started <= $(stat -c %Z "$hook") + 2)); then
      printf waits
      return
    fi
  fi
  printf called
}

# try_hook: whether libvirt calls the hook, tried with a domain that cannot start: it has a disk that is not there.
try_hook() {
  local words
  words=$(
    timeout 30 virsh create /dev/stdin 2>&1 <<'XML'
<domain type='qemu'>
  <name>kvm-mirror-hook-probe</name>
  <memory unit='MiB'>16</memory>
  <os><type>hvm</type></os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='/nonexistent/kvm-mirror-hook-probe'/>
      <target dev='vda' bus='virtio'/>
    </disk>
  </devices>
</domain>
XML
  ) || true
  [[ $words == *'kvm-mirror: the hook is called'* ]]
}

# have_hook_called: has the daemon look for hooks again, where it does not call this one yet. 1: it still does not.
have_hook_called() {
  local pid try
  [[ $(hook_state) != old ]] || return 1
  pid=$(daemon)
  if [[ -n $pid ]] && is_proven "$pid"; then return 0; fi
  ! try_hook || return 0
  if [[ -n $pid ]]; then as_root kill -HUP "$pid"; fi
  # It looks in a thread of its own.
  for try in 1 2 3 4 5 6 7 8 9 10; do
    ! try_hook || return 0
    sleep "0.$try"
  done
  return 1
}
