#!/usr/bin/env bash
# permit-client.sh [--known | --leaving | --whole | --token=TOKEN [--torn=FILE]...]
#                  OWNER CLIENT here|elsewhere|incoming ACTIVE HERE KIND UUID
#                                                (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# Writes this host's permit of a client (lib/permits.sh): whether libvirt may start it here. Installs libvirt's hook
# that goes by it, and has libvirt's daemon look for hooks again where it does not call it yet (SIGHUP, as `systemctl
# reload` does).
#   --known    only where this host has a permit of the client; else nothing happens
#   --leaving  `elsewhere` although it is on here: it is about to be migrated away
#   --token    with `incoming`: of the live migration that may come in
#   --torn     with `incoming`: a disk of the client here that the migration overwrites
#   --whole    with `here`: the migration has ended, and its disks here are copied
#   OWNER      `<project>/<stack>`
#   ACTIVE     the client's active host, HERE this one, by the stack file's names
#   KIND       machine: the stack made it; existing: the VM team's
#   UUID       of the domain; "-": what the permit before says, if any
# Callers write `elsewhere` on every other host before they write `here` on one.
# A libvirt that does not call the hook is no failure: `status` and `check` say so.
# Refuses (3): `elsewhere` or `incoming` while the domain is on here, or libvirt does not say; `here` while a disk of it
# here is half a copy.
# Exit codes: 0 it is written, 1 failed, 2 usage, 3 refused.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/as-root.sh"
. "$here/lib/shared-settings.sh"
. "$here/lib/domain-disks.sh"
. "$here/lib/permits.sh"

known=no leaving=no whole=no token='' copied=()
while [[ ${1:-} == --* ]]; do
  case $1 in
    --known) known=yes ;;
    --leaving) leaving=yes ;;
    --whole) whole=yes ;;
    --token=*) token=${1#*=} ;;
    --torn=/*) copied+=("${1#*=}") ;;
    *) usage ;;
  esac
  shift
done
[[ $# == 7 ]] || usage
owner_or_usage "$1"
owner=$1 client=$2 start=$3 active=$4 self=$5 kind=$6 uuid=$7
[[ $client =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ && $start =~ ^(here|elsewhere|incoming)$ ]] || usage
for name in "$active" "$self"; do [[ $name =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ ]] || usage; done
[[ $kind =~ ^(machine|existing)$ && $uuid =~ ^(-|[0-9a-fA-F-]{36})$ ]] || usage
[[ $start != incoming || $token =~ ^[0-9a-f]{32}$ ]] || usage

# off_or_refuse: of a client that is on, nothing is said against the host that it is on.
off_or_refuse() {
  local state
  state=$(domain_state "$client")
  ! is_active "$state" || refuse "$client is $state on $(uname -n), and is to be active on $active. Shut it down here" \
    "first; while libvirt does not say its state, it counts as running"
}

one_at_a_time
file=$(permit_file "$owner" "$client")
if [[ $known == yes && ! -e $file ]]; then exit 0; fi
if [[ $uuid == - ]]; then uuid=$(permit_word "$file" uuid); fi
before=''
if [[ -e $file ]]; then before=$(cat "$file"); fi
torn=''
if [[ $whole == no ]]; then torn=$(still_torn "$file"); fi
if [[ $start == here && -n $torn ]]; then
  torn=${torn%%$'\n'*} torn=${torn#torn }
  refuse "${torn% * *} of $client on $(uname -n) is half a copy: a live migration to here was not ended. Migrate it" \
    "again (kvm-mirror client $client --to $self --live --copy-storage), or have \`pulumi up --replace\` make that" \
    "disk anew"
fi
if ((${#copied[@]} > 0)); then torn=$(identity "${copied[@]}"); fi
after="# Written by kvm-mirror for libvirt's hook $hook.
start $start
active $active
here $self
kind $kind${uuid:+
uuid $uuid}${token:+
token $token}${torn:+
$torn}"
[[ $start == here || $leaving == yes ]] || off_or_refuse
install_hook
if [[ $before != "$after" ]]; then write_permit "$file" <<<"$after"; fi
if [[ $start != here && $leaving == no && $before != "$after" ]]; then
  # Whoever started it meanwhile was faster, and it stays where it is.
  (off_or_refuse) || {
    if [[ -n $before ]]; then write_permit "$file" <<<"$before"; else as_root rm -f "$file"; fi
    exit 3
  }
fi
# Others need not wait for libvirt's answer.
flock -u 8
have_hook_called || say "libvirt of $(uname -n) does not call $hook: nothing but the exports keeps $client from being" \
  "started by hand where it is not active. \`kvm-mirror status\` says why"
