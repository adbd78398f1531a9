#!/usr/bin/env bash
# qdevice-certificate.sh LOGIN CLUSTER ONE ONE_HOSTKEY OTHER OTHER_HOSTKEY
#
# Gives both mirrors the certificate by which corosync-qnetd knows the cluster, signed by qnetd's own authority.
# Nothing happens when both have the same one, of this authority.
#   LOGIN    [user@]host[:port] of the machine that runs corosync-qnetd: root, or a user with passwordless sudo. Its
#            host key is in the operator's known_hosts
#   CLUSTER  its name in corosync.conf
# The private key is made on ONE, and goes to OTHER through this script's memory and ssh. It is in no file here, and in
# no argument.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"

[[ $# == 6 && $2 =~ ^[a-zA-Z0-9][a-zA-Z0-9._-]*$ ]] || usage
[[ $1 =~ ^(([A-Za-z0-9_][A-Za-z0-9._-]*)@)?([A-Za-z0-9_][A-Za-z0-9._-]*)(:([0-9]{1,5}))?$ ]] || usage
user=${BASH_REMATCH[2]} host=${BASH_REMATCH[3]} port=${BASH_REMATCH[5]}
cluster=$2 one=$3 one_key=$4 other=$5 other_key=$6
target_or_usage "$one" "$one_key"
target_or_usage "$other" "$other_key"

options=(-l "${user:-root}")
[[ -z $port ]] || options+=(-p "$port")
sudo=
if [[ ${user:-root} != root ]]; then sudo='sudo -n '; fi
# sign ARGUMENT...: asks qnetd's authority. Neither a request nor a certificate is a secret.
sign() {
  run_ssh "$host" "$(marked "${sudo}bash -s -- $(quote "$@")")" "${options[@]}" <"$here/../qnetd/sign.sh" | after_mark
}
at_one() { mirror_ssh "$one" "$one_key" "$(guest qdevice-certificate.sh "$@")"; }
at_other() { mirror_ssh "$other" "$other_key" "$(guest qdevice-certificate.sh "$@")"; }

authority=$(sign "$cluster") || fail "qnetd's certificate authority on $host does not answer; the error message is" \
  "above"
fingerprint=$(sed -n '/^-----BEGIN/,/^-----END/p' <<<"$authority" \
  | sed '1d;$d' | tr -d '\r\n' | base64 -d | sha256sum | cut -d' ' -f1)
seen_one=$(at_one show </dev/null) || fail "the certificate of $one cannot be read; the error message is above"
seen_other=$(at_other show </dev/null) || fail "the certificate of $other cannot be read; the error message is above"
read -rd '' its_authority certificate <<<"$seen_one" || true
if [[ $seen_one == "$seen_other" && $its_authority == "$fingerprint" && $certificate != none ]]; then
  say "both mirrors have the certificate of cluster $cluster"
  exit 0
fi
request=$(at_one request "$cluster" <<<"$authority") \
  || fail "$one made no certificate request; the error message is above"
signed=$(sign "$cluster" "$request") \
  || fail "qnetd's certificate authority on $host did not sign; the error message is above"
both=$(at_one finish <<<"$signed") || fail "$one did not accept its certificate; the error message is above"
printf '%s\n%s\n' "$(base64 -w 0 <<<"$authority")" "$both" | at_other take \
  || fail "$other did not accept the certificate; the error message is above"
say "both mirrors have a certificate of cluster $cluster, signed on $host"
