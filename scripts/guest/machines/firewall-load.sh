#!/usr/bin/env bash
# firewall-load.sh [RULES]
#
# Loads this mirror's firewall: the rules in RULES (/etc/kvm-mirror/firewall.nft, which `pulumi up` writes), with the
# exports of its groups and whom they admit. It is one transaction of our own table: what was loaded before stays until
# then, no connection is cut, and other tables are left alone. No such file: nothing happens.
# Runs at boot, before there is a network (kvm-mirror-firewall.service), when a group changes, and from
# mirror-settings.sh. What keeps the rules out is left in /run/kvm-mirror/firewall.trouble, for `kvm-mirror status`.
# Refuses (3), and the mirror keeps what it had: there is no nft; another firewall here judges by the kernel's record of
# connections, which our rules keep mirrors' connections out of; it is not known what a group exports.
# Safe to run twice. Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/exports/lib/exports.sh"
. "$here/machines/lib/firewall.sh"

[[ $# -le 1 ]] || usage
rules=${1:-$firewall_rules}
[[ -e $rules ]] || exit 0
make_directory /run/kvm-mirror/lock
# Not the lock of take_lock, which whoever calls this may hold. The last to load has read the newest tables.
exec 7>>/run/kvm-mirror/lock/firewall
flock -w 60 7 || fail "another script has been loading the firewall for 60 s. See which: fuser -v" \
  "/run/kvm-mirror/lock/firewall"

# kept_out MESSAGE...: the rules are not loaded.
kept_out() {
  printf '%s\n' "$*" >"$firewall_trouble" || true
  refuse "$*"
}

command -v nft >/dev/null || kept_out "there is no nft on this mirror: it was made by an earlier version. Install it:" \
  "sudo apt-get install nftables; sudo systemctl restart kvm-mirror-firewall"
other=$(other_firewall) || kept_out "nft does not tell which rules this mirror has"
[[ -z $other ]] || kept_out "this mirror has a firewall of its own already, table $other. Take that one away, or set" \
  "kvm-mirror:firewall: false"
elements=$(exported_elements) || kept_out "it is not known what the groups export, and to whom (/etc/kvm-mirror)"
printf 'table inet kvm_mirror\ndelete table inet kvm_mirror\n%s\n%s\n' "$(<"$rules")" "$elements" \
  | nft -f - 1>&2 || {
  printf 'nft does not take the rules in %s\n' "$rules" >"$firewall_trouble" || true
  fail "nft does not take the rules in $rules; its error message is above. Nothing is changed"
}
rm -f "$firewall_trouble"
