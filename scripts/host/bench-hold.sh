#!/usr/bin/env bash
# bench-hold.sh hold DOMAIN BYTES REQUESTS SERIAL...   (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
# bench-hold.sh let-go DOMAIN
#
# For `kvm-mirror bench --disk-speed`: holds disks of a running domain to so many bytes and requests a second, until
# `let-go` or the domain's next start. Its definition stays as it is.
#   let-go  takes away what `hold` set, and nothing else. Nothing held: nothing happens
# `hold` begins with `let-go`. Refuses (3) a disk that is not there, and one that somebody else holds to a speed.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused (nothing was changed).
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/domain-disks.sh"
. "$here/lib/bench.sh"

name='[A-Za-z0-9][A-Za-z0-9._+-]*'
words=$*
[[ $words =~ ^hold\ $name\ [1-9][0-9]*\ [1-9][0-9]*(\ $name)+$ || $words =~ ^let-go\ $name$ ]] || usage
action=$1 domain=$2
# Which targets are held; written before they are.
noted=/run/kvm-mirror-bench.$domain.held

tune() { # TARGET BYTES REQUESTS
  virsh blkdeviotune "$domain" "$1" --total-bytes-sec "$2" --total-iops-sec "$3" --live >/dev/null
}

let_go() {
  [[ -e $noted ]] || return 0
  # The limits of a domain that has ended since are gone with it.
  if is_active "$(domain_state "$domain")"; then
    while read -r target; do tune "$target" 0 0; done <"$noted"
  fi
  rm "$noted"
}

known_domain_or_refuse "$domain"
alone_with "$domain"
let_go
[[ $action == hold ]] || exit 0

bytes=$3 requests=$4
shift 4
[[ $(domain_state "$domain") == running ]] || refuse "$domain does not run here"
xml=$(virsh dumpxml "$domain")
targets=()
for serial; do
  target=$(target_of "$serial" <<<"$xml")
  [[ -n $target ]] || refuse "$domain has no disk with serial $serial"
  if virsh blkdeviotune "$domain" "$target" --live | grep -Eq '_(bytes|iops)_sec *: *[1-9]'; then
    refuse "somebody holds disk $target of $domain to a speed already: virsh blkdeviotune $domain $target"
  fi
  targets+=("$target")
done
printf '%s\n' "${targets[@]}" >"$noted"
for target in "${targets[@]}"; do tune "$target" "$bytes" "$requests"; done
