#!/usr/bin/env bash
# sign.sh CLUSTER [REQUEST]          (as root on the machine that runs corosync-qnetd)
#
# The certificate authority of corosync-qnetd (corosync-qnetd-certutil(8)).
#   without REQUEST  prints the authority's own certificate (PEM)
#   REQUEST          a certificate request in base64: signs it for CLUSTER, and prints the certificate in base64
# Runs from stdin: qdevice-certificate.sh sends it.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
export LC_ALL=C

say() { printf 'sign.sh on %s: %s\n' "$(uname -n)" "$*" >&2; }
[[ $# -ge 1 && $# -le 2 && $1 =~ ^[a-zA-Z0-9][a-zA-Z0-9._-]*$ ]] || {
  say "usage: sign.sh CLUSTER [REQUEST]"
  exit 2
}
cluster=$1 request=${2:-}
authority=/etc/corosync/qnetd/nssdb/qnetd-cacert.crt

if ! command -v corosync-qnetd-certutil >/dev/null; then
  say "refused: corosync-qnetd is not installed here: apt-get install corosync-qnetd"
  exit 3
fi
if [[ ! -s $authority ]]; then
  say "refused: there is no $authority. corosync-qnetd-certutil -i makes it; then restart corosync-qnetd"
  exit 3
fi
if [[ -z $request ]]; then
  cat "$authority"
  exit
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
base64 -d <<<"$request" >"$work/request"
corosync-qnetd-certutil -s -c "$work/request" -n "$cluster" >&2
base64 -w 0 "/etc/corosync/qnetd/nssdb/cluster-$cluster.crt"
