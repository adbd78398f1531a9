#!/usr/bin/env bash
# history.sh SINCE
#
# What this mirror's journal has, since then, of roles and of who changed something, for `kvm-mirror history`. Changes
# nothing.
#   SINCE   seconds since 1970
# stdout, packed (gzip, base64): a line "journal FIRST whole|cut", then the journal's entries as JSON, one a line, the
# oldest first. FIRST: when the journal here begins, in seconds since 1970 ("-": it is empty). cut: they were too many,
# and those before the ones that are shown are left out; the first line may be torn.
# The entries: the kernel's of DRBD's roles and of boots; records of operators' commands (command-record.sh); scripts of
# kvm-mirror, drbdadm and drbdsetup that sudo ran and that may change a role; starts and stops of groups by systemd; the
# cluster's promotions, demotions and fencing, and why exports failed. Who wrote one is told by what journald knows
# itself, where it can be.
# Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"

[[ $# == 1 && $1 =~ ^[0-9]{1,12}$ ]] || usage
# Bytes of entries that are shown: some thousands of them.
readonly most=4000000

# What an entry's line has behind "MESSAGE":", as journalctl writes it.
kernel='(block )?drbd[^"]*(role|peer)\( |Linux version '
record='[0-9a-f]{8} [^" ]+ from '
sudo=' *[^" ]+ : [^"]*COMMAND=(/usr/local/lib/kvm-mirror/(group-(start|stop|remove)|drbd-first-sync|volume-remove)\.sh '
sudo+='|/[a-z/]*/drbd(adm|setup) )'
pacemaker='[^"]*((promote|demote) operation for drbd-|Operation .* targeting |recorded for monitor of exports-)'

# found: passes on the lines that tell something; none is an answer, too.
found() {
  grep -aE "\"MESSAGE\":\"($kernel|$record|$sudo|$pacemaker)|\"UNIT\":\"kvm-mirror-group@" || (($? == 1))
}

# The first entry alone: journalctl ends with whom it writes for.
first=$( (
  trap - PIPE
  journalctl --quiet --no-pager -o short-unix 2>/dev/null || true
) | sed -n '1{s/\..*//p;q}')
[[ $first =~ ^[0-9]+$ ]] || first=-
lines=$(
  timeout 60 journalctl --since "@$1" --no-pager --quiet -o json \
    --output-fields=MESSAGE,_TRANSPORT,SYSLOG_IDENTIFIER,_UID,UNIT \
    _TRANSPORT=kernel + SYSLOG_IDENTIFIER=kvm-mirror-command _UID=0 + _COMM=sudo + _PID=1 \
    + SYSLOG_IDENTIFIER=pacemaker-controld + SYSLOG_IDENTIFIER=pacemaker-fenced \
    + SYSLOG_IDENTIFIER=pacemaker-schedulerd | found | tail -c $((most + 2))
) || fail "the journal cannot be read; the error message is above"
# Without the end of the last line.
extent='whole'
if ((${#lines} > most)); then extent='cut'; fi
printf 'journal %s %s\n%s\n' "$first" "$extent" "$lines" | gzip -c | base64 -w 0
echo
