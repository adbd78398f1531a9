#!/usr/bin/env bash
# configure-group.sh GROUP NAME TARGET HOSTKEY NAME TARGET HOSTKEY OTHERS [ADDRESS NAME URI]...
#
# Installs the document of an export group (stdin) on both of its mirrors (NAME, user@address, host key), or on neither.
# Otherwise it would depend on the mirror which clients a group admits, and a failover would shut clients out.
#   OTHERS             the other groups of the stack, comma separated, or "-". A group that a mirror has and that is
#                      none of them was renamed or removed
#   ADDRESS NAME URI   each KVM host of the stack: its storage address, its name, and libvirt there
# The steps:
#   1. Each KVM host that loses an export by it, as either mirror knows them, is asked whether a domain there still has
#      the export open (exports-unused.sh). QEMU may have no connection now, and write later.
#   2. Each mirror says whether it would take the document (group-configure.sh --check).
#   3. The mirror that serves the group installs it first, because it alone may still refuse. Then the other one.
# With a mirror that cannot be reached nothing is changed. Safe to run twice.
# Refuses (3), with nothing changed: a domain has such an export open; a host cannot be asked, or is not in the stack;
# what a mirror refuses.
# Exit codes: 0 both have it, 1 failed (the message says who has it), 2 usage, 3 refused; 255 a mirror that cannot be
# reached.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"
. "$here/lib/ask-host.sh"

[[ $# -ge 8 && $((($# - 8) % 3)) == 0 && $1 =~ ^[a-zA-Z0-9][a-zA-Z0-9_-]*$ && $8 =~ ^[a-zA-Z0-9_,-]+$ ]] || usage
target_or_usage "$3" "$4"
target_or_usage "$6" "$7"
group=$1 one=$2 other=$5 others=--others=$8
declare -A target=(["$2"]=$3 ["$5"]=$6) hostkey=(["$2"]=$4 ["$5"]=$7) name=() uri=()
shift 8
while (($# > 0)); do
  name[$1]=$2 uri[$1]=$3
  shift 3
done
# $() drops line ends at the end of a document; the dot keeps them.
document=$(cat && printf .)
document=${document%.}
# on MIRROR ARGUMENT...: group-configure.sh there.
on() {
  printf '%s' "$document" | mirror_ssh "${target[$1]}" "${hostkey[$1]}" "$(guest group-configure.sh "$group" "${@:2}")"
}
# unchanged STATUS MIRROR: says so, and ends this script.
unchanged() {
  say "group $group: nothing is changed on either mirror. $2" \
    "$( (($1 == 255)) && echo 'cannot be reached' || echo 'does not take the new configuration'); the reason is" \
    "above. If the mirrors had different configurations, a failover would shut clients out"
  exit "$1"
}

losing=''
for mirror in "$one" "$other"; do
  found=$(on "$mirror" --losing) || unchanged "$?" "$mirror"
  losing+=$found$'\n'
done
way_out="Shut that domain down, or detach the disk, first. If a client of the stack is to leave this host:"
way_out+=" keep the host in its \`hosts\` while \`active\` moves, and take it out afterwards"
asked=()
while read -r address exports; do
  if [[ -z ${uri[$address]:-} ]]; then
    say "refused: group $group admits $address to $exports, and no KVM host in the stack file has this storage" \
      "address. So no host can be asked whether the export is still in use. Put that host back under \`hosts\` and" \
      "run \`pulumi up\`. Then take it out in an \`up\` of its own"
    exit 3
  fi
  read -ra open <<<"$exports"
  ask_host "${name[$address]}" "${uri[$address]}" "$way_out" exports-unused.sh "${open[@]}"
  asked+=("$address")
done < <(sort -u <<<"$losing" | awk '
  NF { exports[$1] = exports[$1] " " $2 }
  END { for (address in exports) print address exports[address] }' | sort)

first=$one second=$other
for mirror in "$one" "$other"; do
  does=$(on "$mirror" --check "$others" "${asked[@]}") || unchanged "$?" "$mirror"
  if [[ $mirror == "$other" && $does == serving ]]; then first=$other second=$one; fi
done

status=0
on "$first" "$others" "${asked[@]}" || status=$?
if ((status != 0)); then
  say "group $group: $first did not install its new configuration, for the reason above; $second keeps the old one"
  exit "$status"
fi
on "$second" "$others" "${asked[@]}" \
  || fail "group $group: $first has the new configuration, $second has not, for the reason above. On $second other" \
    "clients are admitted. Keep the group on $first, and run \`pulumi up\` again"
