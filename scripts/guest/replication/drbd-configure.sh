#!/usr/bin/env bash
# drbd-configure.sh VOLUME | drbd-configure.sh global_common
#
# Installs a part of DRBD's configuration from stdin: /etc/drbd.d/VOLUME.res, or /etc/drbd.d/global_common.conf. drbdadm
# checks the whole configuration with the new part before anything is replaced. The file appears by rename, mode 0600
# (it holds the shared secret). Volumes that are up are adjusted to it.
# Refuses (3): a configuration that drbdadm does not take; a volume without a section `on` for this mirror; another
# backing device than the volume has; a changed minor number of a volume that is up.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/lib/document.sh"
. "$here/replication/lib/drbd-state.sh"

[[ $# == 1 ]] || usage
name_or_usage "$1"
volume=$1
case $volume in
  global_common) target=/etc/drbd.d/global_common.conf ;;
  *) target=/etc/drbd.d/$volume.res ;;
esac

umask 077
take_lock drbd-configuration 120
load_drbd
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
candidate=$work/candidate
cat >"$candidate"
[[ -s $candidate ]] || refuse "stdin is empty. Expected: the contents of $target"
secret=$(sed -n '/shared-secret/{s/.*shared-secret[[:space:]]*"\{0,1\}\([^";]*\).*/\1/p;q}' "$candidate")

# drbdadm, on the configuration as it will be.
{
  for present in /etc/drbd.d/global_common.conf /etc/drbd.d/*.res; do
    if [[ $present != "$target" && -e $present ]]; then printf 'include "%s";\n' "$present"; fi
  done
  printf 'include "%s";\n' "$candidate"
} >"$work/drbd.conf"
check() {
  local output
  output=$(drbdadm -c "$work/drbd.conf" "$@" 2>&1) && return
  [[ -z $secret ]] || output=${output//"$secret"/(secret)}
  printf '%s\n' "$output" >&2
  return 1
}

check sh-nop || refuse "drbdadm does not take the configuration for $target; its error message is above"
if [[ $volume != global_common ]]; then
  check sh-ll-dev "$volume" \
    || refuse "the configuration has no resource $volume with a section 'on $(uname -n)' (this mirror's name). Its" \
      "sections: $(sed -n 's/^[[:space:]]*on[[:space:]]\{1,\}\([^ {]*\).*/\1/p' "$candidate" | tr '\n' ' ')"
  if [[ -e $target ]]; then
    before=$(minor_of "$volume")
    after=$(drbdadm -c "$work/drbd.conf" sh-minor "$volume")
    lies_on=$(drbdadm sh-ll-dev "$volume")
    would_lie_on=$(drbdadm -c "$work/drbd.conf" sh-ll-dev "$volume")
    [[ $lies_on == "$would_lie_on" ]] \
      || refuse "volume $volume lies on $lies_on on this mirror, and would lie on $would_lie_on. Its data is not" \
        "moved from one backing to another: put kvm-mirror:volumes.$volume.backing back, and pulumi up. To move the" \
        "data, declare another volume with the other backing, and copy it in a client"
    read_state "$before"
    [[ $cs == Unconfigured || $before == "$after" ]] \
      || refuse "volume $volume is up as minor $before, and would become minor $after. Take it down first: drbdadm" \
        "down $volume"
  fi
fi

install_part "$candidate" "$target" 0600

# A volume that is up has metadata; one that is down is brought up by drbd-create-metadata.sh.
for resource in $(drbdadm sh-resources 2>/dev/null); do
  [[ $volume == global_common || $volume == "$resource" ]] || continue
  read_state "$(minor_of "$resource")"
  if [[ $cs != Unconfigured ]]; then
    discreet_drbdadm adjust "$resource" || fail "drbdadm adjust $resource failed; its error message is above. $(seen)"
  fi
done
