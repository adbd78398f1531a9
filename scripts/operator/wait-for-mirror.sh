#!/usr/bin/env bash
# wait-for-mirror.sh TARGET HOSTKEY DEADLINE_S
#
# Waits until a machine answers by ssh with the pinned host key and cloud-init has finished without errors.
#   TARGET      user@address
#   HOSTKEY     ssh-ed25519 AAAA…
#   DEADLINE_S  seconds, for everything together
# On failure it prints what was seen last: ssh's message, cloud-init's status and errors.
# Exit codes: 0 ready, 1 not ready within the deadline or cloud-init failed, 2 usage.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"

[[ $# == 3 && $3 =~ ^[1-9][0-9]*$ ]] || usage
target_or_usage "$1" "$2"
target=$1 hostkey=$2 deadline=$3
# An older connection may lead to a machine that is gone, and whether it answers is the question here.
export KVM_MIRROR_SHARE=no
mirror_options "$hostkey"
forget_connections "$target" "${options[@]}"
said=
progress() {
  [[ $1 == "$said" ]] || say "$target: $1 ($SECONDS s)"
  said=$1
}

while :; do
  # The remote part ends before the connection could be called dead. Its last line is the verdict.
  if output=$(mirror_ssh "$target" "$hostkey" 'bash -s' <"$here/lib/cloud-init-result.sh" 2>&1); then
    case ${output##*$'\n'} in
      ready)
        progress 'ready'
        exit 0
        ;;
      running) progress 'answers; cloud-init is running' ;;
      *)
        say "$target: cloud-init finished with errors:"
        printf '%s\n' "$output" >&2
        say "mend the cause; often it is the route to the package archive. Then: ssh $target sudo cloud-init clean" \
          "--logs --reboot; and pulumi up again. This does not touch data disks"
        exit 1
        ;;
    esac
  else
    output=${output//$'\r'/} # ssh ends its lines with one; the words after it would overwrite the line
    progress "waiting for ssh: ${output##*$'\n'}"
    if another_key "$output"; then
      fail "$target shows another host key than the pinned one ($hostkey). Either another machine has this address," \
        "or this one was made with another secret"
    fi
  fi
  ((SECONDS < deadline)) || break
  sleep 2
done
say "$target is not ready after $deadline s. Seen last:"
printf '%s\n' "$output" >&2
say "a mirror gets its management address, its user and its first keys at its first boot. If you changed one of them" \
  "in the stack file, put the old value back. If you have a new key, log in with the old one until pulumi up has" \
  "installed the new one"
exit 1
