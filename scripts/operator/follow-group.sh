#!/usr/bin/env bash
# follow-group.sh GROUP CLIENT PREFERRED DEADLINE_S NAME TARGET HOSTKEY NAME TARGET HOSTKEY
#
# Has an export group that follows a client go to PREFERRED, the mirror on the KVM host where the client is active, by
# a planned switch between its two mirrors (NAME, user@address, host key). `up` runs it last, when the client has moved
# and runs there: a group that cannot move keeps no client from starting.
# The group is switched only when PREFERRED is another mirror than in the run before (whose output Pulumi passes in
# PULUMI_COMMAND_STDOUT), or when there was no run before. So what an operator or a failure has moved stays where it is.
#   DEADLINE_S   automatic failover: as place-in-cluster.sh takes it; "-": manual failover
# stdout: "preferred PREFERRED".
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused; 255 a mirror that cannot be reached.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"
. "$here/lib/record.sh"
. "$here/lib/served-by.sh"

[[ $# == 10 && $1 =~ ^[a-zA-Z0-9][a-zA-Z0-9_-]*$ && $4 =~ ^(-|[1-9][0-9]*)$ && ($3 == "$5" || $3 == "$8") ]] || usage
target_or_usage "$6" "$7"
target_or_usage "$9" "${10}"
group=$1 client=$2 preferred=$3 deadline=$4 one=$5 other=$8
declare -A target=(["$5"]=$6 ["$8"]=$9) hostkey=(["$5"]=$7 ["$8"]=${10})
on() { # on MIRROR SCRIPT ARGUMENT...
  mirror_ssh "${target[$1]}" "${hostkey[$1]}" "$(guest "${@:2}")" </dev/null
}

record_on "$group" "$6" "$7" "$9" "${10}"
if [[ $deadline == - ]]; then
  ask_both "$group" "$one" "$other"
  case ${does[$one]}/${does[$other]} in
    serving/*) where=$one ;;
    */serving) where=$other ;;
    *) fail "group $group runs on neither $one nor $other: run \`pulumi up\` again" ;;
  esac
else
  where=$(on "$one" cluster-where.sh "$group" "$deadline")
  [[ $where == "$one" || $where == "$other" ]] || fail "group $group runs on $where, which is neither $one nor $other"
fi

before=${PULUMI_COMMAND_STDOUT:-}
before=${before##*preferred }
if [[ $where == "$preferred" ]]; then
  say "group $group runs on $preferred, beside client $client"
elif [[ $before == "$preferred" ]]; then
  say "group $group stays on $where: it was moved there. To move it back beside client $client: kvm-mirror switch" \
    "<volume|group|all> --to $preferred"
else
  move=("$group" "${target[$where]}" "${hostkey[$where]}" "${target[$preferred]}" "${hostkey[$preferred]}")
  status=0
  if [[ $deadline == - ]]; then
    bash "$here/switch-group.sh" "${move[@]}" || status=$?
  else
    bash "$here/switch-in-cluster.sh" "${move[@]}" "$deadline" || status=$?
  fi
  if ((status != 0)); then
    say "group $group does not follow client $client to $preferred, for the reason above. The client is served all" \
      "the same, wherever the group runs. To try again: pulumi up"
    exit "$status"
  fi
fi
printf 'preferred %s\n' "$preferred"
