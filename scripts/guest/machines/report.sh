#!/usr/bin/env bash
# report.sh SINCE UNTIL
#
# What a colleague needs to know of this mirror, for `kvm-mirror report`: versions, DRBD, the cluster, network, space,
# services, and its journal of a time. Changes nothing. As text on stdout, packed (gzip, base64); a line "==> TITLE"
# begins a part. What cannot be had is said in its place, and keeps nothing else back.
#   SINCE, UNTIL   seconds since 1970
# No secret is in it: what stands as one in a file of this mirror is [secret], wherever it is found.
# Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/replication/lib/drbd-state.sh"

[[ $# == 2 && $1 =~ ^[0-9]{1,12}$ && $2 =~ ^[0-9]{1,12}$ ]] || usage
since=$1 until=$2
# Bytes of the journal that are shown; the end of it.
readonly most=20000000

# part TITLE COMMAND...
part() {
  local status=0
  printf '==> %s\n' "$1"
  shift
  timeout 60 "$@" 2>&1 || status=$?
  ((status == 0)) || printf '(status %s of: %s)\n' "$status" "$*"
}

journal() {
  printf '==> journal from %(%F %T)T UTC to %(%F %T)T UTC\n' "$since" "$until"
  timeout 60 journalctl --since "@$since" --until "@$until" --utc --no-pager --quiet -o short-iso 2>&1 \
    | tail -c "$most" || printf '(it cannot be read)\n'
}

# secrets: one a line, from the files that hold them here.
secrets() {
  local file
  for file in /etc/drbd.d/*.res; do
    [[ ! -f $file ]] || sed -n 's/^.*shared-secret[[:space:]]*"\{0,1\}\([^";]*\)"\{0,1\};.*$/\1/p' "$file"
  done
  for file in /etc/tgt/kvm-mirror/*.conf; do
    [[ ! -f $file ]] || awk '$1 == "incominguser" || $1 == "outgoinguser" { print $3 }' "$file"
  done
  file=/etc/kvm-mirror/monitoring/notify.json
  [[ ! -f $file ]] || sed -nE '/^ +"(webhook|password)": "/{s/^[^:]*: "(.*)",?$/\1/;s/\\(.)/\1/g;p}' "$file"
  for file in /etc/corosync/authkey /etc/corosync/qdevice/net/node/nssdb/pwdfile.txt /etc/kvm-mirror/peer/key \
    /etc/kvm-mirror/fence/*.key /etc/ssh/ssh_host_*_key; do
    [[ ! -f $file ]] || tr -dc '[:print:]\n' <"$file" | sed '/^-----/d'
  done
}

# masked: stdin without any of the secrets. Shorter ones would take words of everyday with them.
masked() {
  awk '
    NR == FNR { if (length($0) >= 8) secret[$0]; next }
    {
      for (one in secret) {
        done = ""
        rest = $0
        while (at = index(rest, one)) {
          done = done substr(rest, 1, at - 1) "[secret]"
          rest = substr(rest, at + length(one))
        }
        $0 = done rest
      }
      print
    }' <(printf '\n' && secrets) -
}

# shellcheck disable=SC2154  # proc_drbd is of drbd-state.sh
everything() {
  part 'versions' uname -srvm
  part 'distribution' sed -n 's/^PRETTY_NAME=//p' /etc/os-release
  # shellcheck disable=SC2016  # dpkg-query's own
  part 'packages' dpkg-query -W -f '${Package} ${Version} ${db:Status-Abbrev}\n' 'drbd*' 'nbd-server' 'tgt*' \
    'pacemaker*' 'corosync*' 'fence-agents*' 'resource-agents*' 'linux-image-*'
  part 'scripts' readlink -f /usr/local/lib/kvm-mirror
  part 'now, and since when it runs' bash -c 'date -u "+%F %T UTC"; uptime'
  part 'DRBD' cat "$proc_drbd"
  if [[ -e /etc/kvm-mirror/cluster ]]; then
    part 'cluster' crm_mon -1 --show-node-attributes --failcounts --inactive
    part 'quorum' corosync-quorumtool -s
    part 'what fencing did' stonith_admin --history '*' --verbose
  fi
  part 'addresses' ip -brief address
  part 'routes' ip route
  part 'connections' ss -Htn
  part 'firewall' nft -s list ruleset
  part 'file systems' df -h
  part 'memory' free -m
  part 'services that failed' systemctl --failed --no-legend --no-pager --plain
  part 'services' systemctl list-units --all --no-legend --no-pager --plain 'kvm-mirror*' 'nbd*' 'tgt*' 'pacemaker*' \
    'corosync*'
  journal
}

TZ=UTC everything | masked | gzip -c | base64 -w 0
echo
