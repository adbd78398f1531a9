#!/usr/bin/env bash
# place-in-cluster.sh [--stay] GROUP PREFERRED DEADLINE_S NAME TARGET HOSTKEY NAME TARGET HOSTKEY
#
# place-group.sh under automatic failover. Waits until the cluster runs an export group, at most four times DEADLINE_S.
# The group is switched to PREFERRED only when that is another mirror than in the run before (whose output Pulumi passes
# in PULUMI_COMMAND_STDOUT), or when there was no run before. So what an operator or a failure has moved stays where it
# is.
#   --stay   never switches: the group follows a client, and follow-group.sh has it go after that
# stdout: "preferred PREFERRED".
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused; 255 a mirror that cannot be reached.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"
. "$here/lib/record.sh"

stay=no
if [[ ${1:-} == --stay ]]; then
  stay=yes
  shift
fi
[[ $# == 9 && $1 =~ ^[a-zA-Z0-9][a-zA-Z0-9_-]*$ && $3 =~ ^[1-9][0-9]*$ && ($2 == "$4" || $2 == "$7") ]] || usage
target_or_usage "$5" "$6"
target_or_usage "$8" "$9"
group=$1 preferred=$2 deadline=$3
one=("$4" "$5" "$6") other=("$7" "$8" "$9")
record_on "$group" "$5" "$6" "$8" "$9"
where=$(mirror_ssh "${one[1]}" "${one[2]}" "$(guest cluster-where.sh "$group" "$deadline")" </dev/null)
case $where in
  "${one[0]}") move=("${one[@]:1}" "${other[@]:1}") ;;
  "${other[0]}") move=("${other[@]:1}" "${one[@]:1}") ;;
  *) fail "group $group runs on $where, which is neither ${one[0]} nor ${other[0]}" ;;
esac

before=${PULUMI_COMMAND_STDOUT:-}
before=${before##*preferred }
if [[ $stay == yes || $where == "$preferred" ]]; then
  say "group $group runs on $where"
elif [[ $before == "$preferred" ]]; then
  say "group $group stays on $where: it was moved there. To move it back: kvm-mirror switch <volume|group|all> --to" \
    "$preferred"
else
  bash "$here/switch-in-cluster.sh" "$group" "${move[@]}" "$deadline"
fi
printf 'preferred %s\n' "$preferred"
