#!/usr/bin/env bash
# qdevice-certificate.sh show | request CLUSTER | finish | take
#
# The certificate with which both mirrors show themselves to corosync-qnetd (corosync-qdevice-net-certutil(8)), in NSS's
# database. Keys are made on a mirror and leave it only for the other one.
#   show             prints fingerprints of the authority and of the certificate, "none" when there is none
#   request CLUSTER  stdin: the authority's certificate. Begins anew; prints a certificate request in base64
#   finish           stdin: the signed certificate in base64. Prints certificate and key (PKCS #12) in base64: SECRET
#   take             stdin: a line with the authority's certificate in base64, one with certificate and key. Begins anew
# The daemon, where it runs, reads the new ones. Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/placement/lib/cluster.sh"

database=/etc/corosync/qdevice/net/nssdb
[[ $# -ge 1 ]] || usage
command -v corosync-qdevice-net-certutil >/dev/null \
  || refuse "there is no corosync-qdevice on this mirror: it was made before failover.qdevice was set. Install it:" \
    "apt-get install corosync-qdevice"
take_lock qdevice 60
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# begin_anew AUTHORITY: a database with the authority's certificate alone.
begin_anew() {
  rm -rf "$database"
  corosync-qdevice-net-certutil -i -c "$1" >&2
}
# The daemon reads them at its start.
read_anew() {
  if ! systemctl is-active --quiet "$qdevice_unit"; then return; fi
  systemctl restart "$qdevice_unit" || fail "corosync-qdevice did not restart: $(last_messages "$qdevice_unit")"
}

case $1 in
  show)
    [[ $# == 1 ]] || usage
    for name in 'QNet CA' 'Cluster Cert'; do
      if certutil -L -d "$database" -n "$name" -r >"$work/der" 2>/dev/null; then
        sha256sum <"$work/der" | cut -d' ' -f1
      else
        echo none
      fi
    done
    ;;
  request)
    [[ $# == 2 && $2 =~ ^[a-zA-Z0-9][a-zA-Z0-9._-]*$ ]] || usage
    cat >"$work/authority"
    begin_anew "$work/authority"
    corosync-qdevice-net-certutil -r -n "$2" >&2
    base64 -w 0 "$database/qdevice-net-node.crq"
    ;;
  finish)
    [[ $# == 1 ]] || usage
    base64 -d >"$work/certificate"
    corosync-qdevice-net-certutil -M -c "$work/certificate" >&2
    base64 -w 0 "$database/qdevice-net-node.p12"
    rm -f "$database/qdevice-net-node.p12" # the key is in the database
    read_anew
    ;;
  take)
    [[ $# == 1 ]] || usage
    { read -r authority && read -r both; } \
      || refuse "stdin must be two lines: the authority's certificate; certificate and key"
    base64 -d <<<"$authority" >"$work/authority"
    base64 -d <<<"$both" >"$work/both"
    begin_anew "$work/authority"
    corosync-qdevice-net-certutil -m -c "$work/both" >&2
    read_anew
    ;;
  *) usage ;;
esac
