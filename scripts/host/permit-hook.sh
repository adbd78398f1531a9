#!/bin/bash
# permit-hook.sh DOMAIN OPERATION SUB_OPERATION EXTRA      (libvirt on a KVM host; the domain's XML on stdin)
#
# libvirt's hook: permit-client.sh installs it as /etc/libvirt/hooks/qemu.d/kvm-mirror. It refuses to start a client of
# a stack on a host whose permit says that the client is active elsewhere. What others start is let pass.
#   - "prepare begin" comes before every QEMU process: start, create, autostart, restore, incoming migration (libvirt's
#     qemu_process.c, qemuProcessInit). All else is let pass: after a refused "reconnect" libvirt would kill the guest.
#   - It asks nobody: not libvirt, which waits for it (https://libvirt.org/hooks.html), and no network. It goes by
#     /var/lib/kvm-mirror/permits alone (lib/permits.sh), by the domain's name and, for machines of a stack, its UUID.
#   - A permit that cannot be read refuses.
#   - `incoming`: only the live migration of its token passes, which is in the XML that comes in, and in no definition.
#   - It notes which libvirt daemon has called it, as proof that it is called.
# Exit codes: 0 nothing is in the way, 3 refused; libvirt shows what it says on stderr.
export LC_ALL=C
set -uo pipefail # without -e: no mistake of this script may keep a domain of somebody else from starting

domain=${1:-} at=${2:-}/${3:-}
permits=/var/lib/kvm-mirror/permits caller=/run/kvm-mirror/hook-caller

# note_caller: the daemon's process and its start time, in clock ticks since boot (proc(5), field 22).
note_caller() {
  local stat
  read -r stat <"/proc/$PPID/stat" || return 1
  read -ra stat <<<"${stat##*) }"
  mkdir -p "${caller%/*}" && printf '%s %s\n' "$PPID" "${stat[19]}" >"$caller.$$" && mv -T "$caller.$$" "$caller"
}
note_caller 2>/dev/null || true
xml=$(cat) || true

[[ $at == prepare/begin ]] || exit 0
# permit-client.sh tries with a domain of this name, which could not start anyway, whether libvirt calls the hook.
if [[ $domain == kvm-mirror-hook-probe ]]; then
  echo "kvm-mirror: the hook is called" >&2
  exit 3
fi

uuid=none
if [[ $xml =~ \<uuid\>([0-9a-fA-F-]{36})\</uuid\> ]]; then uuid=${BASH_REMATCH[1],,}; fi

for permit in "$permits"/*@*; do
  [[ -e $permit ]] || continue
  client=${permit##*/} stack=${permit##*,}
  client=${client%%@*}
  start='' active='' here='' kind='' its_uuid='' token=none
  while read -r key value; do
    case $key in
      start) start=$value ;;
      active) active=$value ;;
      here) here=$value ;;
      kind) kind=$value ;;
      uuid) its_uuid=${value,,} ;;
      token) token=$value ;;
    esac
  done 2>/dev/null <"$permit" || true
  [[ $client == "$domain" || $its_uuid == "$uuid" ]] || continue
  case $start/$kind in
    here/*) ;;
    incoming/*)
      [[ $token =~ ^[0-9a-f]{32}$ && $xml == *":migration "*"token="[\"\']"$token"[\"\']* ]] || {
        echo "kvm-mirror: refused: client $client of stack $stack is being migrated from $active to $here: a second" \
          "copy would write to its disks. What was begun is ended by: kvm-mirror client $client --to $here --live" \
          "--stack $stack" >&2
        exit 3
      }
      ;;
    elsewhere/machine)
      echo "kvm-mirror: refused: client $client of stack $stack is active on $active, not here on $here: two copies" \
        "would write to its disks. To have it here: kvm-mirror client $client --to $here --stack $stack. To start it" \
        "on $active: kvm-mirror client $client --start --stack $stack" >&2
      exit 3
      ;;
    elsewhere/existing)
      echo "kvm-mirror: refused: client $client of stack $stack is active on $active, not here on $here: two copies" \
        "would write to its disks, and the exports admit $active alone. To have it here: shut it down on $active, set" \
        "clients.$client.active to $here in stacks/Pulumi.$stack.yaml, and run pulumi up --stack $stack" >&2
      exit 3
      ;;
    *)
      echo "kvm-mirror: refused: $permit does not say whether $client may start here. kvm-mirror client $client" \
        "--permit --stack $stack writes it anew" >&2
      exit 3
      ;;
  esac
done
exit 0
