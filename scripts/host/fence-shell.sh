#!/usr/bin/env bash
# fence-shell.sh DOMAIN DELAY_S
#
# What the fencing key of a mirror's peer opens on a KVM host (a forced command in authorized_keys): a prompt that looks
# like the shell fence_virsh expects. It knows the commands that fence_virsh sends, for this one domain.
#   virsh domstate  "shut off" only for a domain without a QEMU process and without saved memory; "running" for every
#                   other state, and for one that was migrated to another KVM host (lib/power.sh). fence_virsh would
#                   take "in shutdown", "crashed" or an unknown word for off
#   virsh destroy   also removes the memory of a domain that was saved on disk: it would wake as the primary that it was
#   virsh start     boots afresh; not one that was migrated away, which may run elsewhere
# fence_virsh asks for the state before it destroys. That a domain still runs is answered DELAY_S seconds late, once in
# a session. So of two mirrors that both live and turn each other off, the one that waits for this answer is dead before
# it can go on. A delay in `destroy` would end both: an order that has arrived outlives its sender.
# Exit codes: 0 the end of the session, 2 usage.
set -uo pipefail
# fence-allow.sh installs it beside this one.
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/destroy.sh"
. "$here/lib/power.sh"

[[ $# == 2 && $1 =~ ^[A-Za-z0-9][A-Za-z0-9_-]*$ && $2 =~ ^[0-9]+$ ]] || {
  printf 'error: usage: fence-shell.sh DOMAIN DELAY_S\n' >&2
  exit 2
}
domain=$1 delay=$2 client=${SSH_CONNECTION:-nowhere}
export LIBVIRT_DEFAULT_URI=qemu:///system LC_ALL=C
note() { logger --tag kvm-mirror-fence -- "$domain: $* (from ${client%% *})" </dev/null 2>/dev/null || true; }

state() {
  local words
  if ! words=$(power "$domain"); then
    printf 'error: %s\n' "$words"
  elif [[ $words == off && $(managed_save "$domain") == no ]]; then
    printf 'shut off\n'
  else
    printf 'running\n'
  fi
}

asked=no
answer() {
  local now
  now=$(state)
  if [[ $now == running && $asked == no && $delay -gt 0 ]]; then
    sleep "$delay"
    now=$(state)
  fi
  asked=yes
  printf '%s\n' "$now"
}

# ordered VERB: notes the order, and sets now, in the words of lib/power.sh; "on" where libvirt does not say. 1, with an
# error, for a domain that was migrated away.
ordered() {
  now=$(power "$domain") || now=on
  note "$1: $now"
  [[ $now == moved ]] || return 0
  printf 'error: %s\n' "$(moved_words "$domain")"
  return 1
}

destroy() {
  local now
  ordered destroy || return 0
  if [[ $now == on ]]; then destroy_domain "$domain" 2>&1; fi
  forget_memory "$domain"
}

start() {
  local now
  ordered start || return 0
  virsh start "$domain" --force-boot </dev/null 2>&1
}

printf '[EXPECT]# '
while IFS= read -r line; do
  line=${line%$'\r'}
  case $line in
    '') ;;
    "virsh domstate $domain") answer ;;
    "virsh destroy $domain") destroy ;;
    "virsh start $domain") start ;;
    'virsh list --all') printf ' Id   Name   State\n----\n -   %s   %s\n' "$domain" "$(state)" ;;
    quit | exit) exit 0 ;;
    *)
      note "not allowed: $line"
      printf 'error: this key turns %s off and on, and nothing else\n' "$domain"
      ;;
  esac
  printf '[EXPECT]# '
done
