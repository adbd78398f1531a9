#!/usr/bin/env bash
# configure-group.sh GROUP TARGET HOSTKEY [ADDRESS NAME URI]...
#
# Gives a mirror (user@address, host key) the document of an export group on stdin (group-configure.sh), after asking the KVM hosts that lose an export
# by it whether a domain there still has it open (exports-unused.sh).
#   ADDRESS NAME URI   each KVM host of the stack: its storage address, its name, and libvirt there
# Refuses (3), with nothing changed: a domain has such an export open; a host that cannot be asked; one that the stack does not know.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused; 255 the mirror cannot be reached.
set -euo pipefail
here=$(dirname "$0")
# shellcheck source=lib/mirror-ssh.sh
. "$here/lib/mirror-ssh.sh"
# shellcheck source=lib/ask-host.sh
. "$here/lib/ask-host.sh"

[[ $# -ge 3 && $((($# - 3) % 3)) == 0 && $1 =~ ^[a-zA-Z0-9][a-zA-Z0-9_-]*$ ]] || usage
target_or_usage "$2" "$3"
group=$1 target=$2 hostkey=$3
shift 3
declare -A name=() uri=()
while (($# > 0)); do
  name[$1]=$2 uri[$1]=$3
  shift 3
done

document=$(mktemp)
trap 'rm -f "$document"' EXIT
cat >"$document"
losing=$(mirror_ssh "$target" "$hostkey" "$(guest group-configure.sh "$group" --losing)" <"$document") || exit
asked=()
while read -r address exports; do
  [[ -n $address ]] || continue
  if [[ -z ${uri[$address]:-} ]]; then
    say "refused: $exports of group $group was open to $address, which is the storage address of no KVM host in the stack file, so nobody can be asked whether it is still in use there. Put that host back under \`hosts\` and run \`pulumi up\`; take it out in an \`up\` of its own, after this one"
    exit 3
  fi
  read -ra open <<<"$exports"
  ask_host "${name[$address]}" "${uri[$address]}" "Shut that domain down, or detach the disk, first. A client of the stack that leaves a host: keep the host in its \`hosts\` while \`active\` moves, and take it out afterwards" \
    exports-unused.sh "${open[@]}"
  asked+=("$address")
done < <(awk 'NF { exports[$1] = exports[$1] " " $2 } END { for (address in exports) print address exports[address] }' <<<"$losing" | sort)
mirror_ssh "$target" "$hostkey" "$(guest group-configure.sh "$group" "${asked[@]}")" <"$document" || exit
