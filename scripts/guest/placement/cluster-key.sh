#!/usr/bin/env bash
# cluster-key.sh --seen | --take | --reload
#
# Another key for corosync's links, while the cluster works. Corosync goes over to it on all members at the same time,
# so it must lie with both before either reads it; cluster-configure.sh has laid it beside the present one.
#   --seen    prints the SHA-256 of the key that this mirror is to have, and "staged" or "in place"
#   --take    puts a staged key in place. The running corosync keeps its own until it reads the file
#   --reload  has all members read their files. Corosync takes both keys for a moment, and loses no member
# Refuses (3): a mirror in no cluster. Safe to run twice. Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/placement/lib/cluster.sh"

[[ $# == 1 ]] || usage
refuse_without_cluster
take_lock cluster 120
case $1 in
  --seen)
    file=$corosync_key where='in place'
    if [[ -e $staged_key ]]; then file=$staged_key where=staged; fi
    sum=$(sha256sum "$file") || fail "there is no key for corosync: $file"
    printf '%s %s\n' "${sum%% *}" "$where"
    ;;
  --take)
    [[ -e $staged_key ]] || exit 0
    write_durably "$corosync_key" 0400 <"$staged_key"
    rm -f "$staged_key"
    say "corosync has a new key in $corosync_key"
    ;;
  --reload)
    corosync-cfgtool -R >&2 || fail "corosync did not read its configuration anew; its error message is above"
    ;;
  *) usage ;;
esac
