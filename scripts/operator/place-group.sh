#!/usr/bin/env bash
# place-group.sh [--stay] GROUP PREFERRED NAME TARGET HOSTKEY NAME TARGET HOSTKEY
#
# Has an export group run on one of its two mirrors (NAME, user@address, host key): where it runs already; else where it
# ran last; else on PREFERRED. It is switched to PREFERRED only when that is another mirror than in the run before
# (whose output Pulumi passes in PULUMI_COMMAND_STDOUT). So what an operator or a failure has moved stays where it is.
#   --stay   never switches: the group follows a client, and follow-group.sh has it go after that
# A group that runs already also starts what is new in its configuration.
# stdout: "preferred PREFERRED".
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused; 255 a mirror that cannot be reached.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"
. "$here/lib/record.sh"
. "$here/lib/served-by.sh"

stay=no
if [[ ${1:-} == --stay ]]; then
  stay=yes
  shift
fi
[[ $# == 8 && $1 =~ ^[a-zA-Z0-9][a-zA-Z0-9_-]*$ && ($2 == "$3" || $2 == "$6") ]] || usage
target_or_usage "$4" "$5"
target_or_usage "$7" "$8"
group=$1 preferred=$2 one=$3 other=$6
declare -A target=(["$3"]=$4 ["$6"]=$7) hostkey=(["$3"]=$5 ["$6"]=$8)
on() { # on MIRROR SCRIPT ARGUMENT...
  local mirror=$1
  shift
  mirror_ssh "${target[$mirror]}" "${hostkey[$mirror]}" "$(guest "$@")" </dev/null
}

record_on "$group" "$4" "$5" "$7" "$8"
ask_both "$group" "$one" "$other"
case ${does[$one]}/${does[$other]} in
  serving/*) where=$one ;;
  */serving) where=$other ;;
  waiting/idle) where=$one ;;
  idle/waiting) where=$other ;;
  *) where=$preferred ;;
esac
elsewhere=$([[ $where == "$one" ]] && printf '%s' "$other" || printf '%s' "$one")

before=${PULUMI_COMMAND_STDOUT:-}
before=${before##*preferred }
# New volumes were made Primary on the preferred mirror. They join the others.
on "$elsewhere" group-stop.sh "$group"
on "$where" group-start.sh "$group"
if [[ $stay == yes ]]; then
  say "group $group runs on $where"
elif [[ -n $before && $before != "$preferred" && $where != "$preferred" ]]; then
  bash "$here/switch-group.sh" "$group" \
    "${target[$where]}" "${hostkey[$where]}" "${target[$preferred]}" "${hostkey[$preferred]}"
elif [[ $where != "$preferred" ]]; then
  say "group $group stays on $where: it was moved there. To move it back: kvm-mirror switch <volume|group|all> --to" \
    "$preferred"
fi
printf 'preferred %s\n' "$preferred"
