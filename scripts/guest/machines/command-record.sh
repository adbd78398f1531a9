#!/usr/bin/env bash
# command-record.sh ADDRESS
#
# Leaves a record of an operator's command in this mirror's journal, under the tag kvm-mirror-command.
#   ADDRESS   where the operator is connected from, as sshd sees it
# stdin: one line of printable ASCII, "ID LOGIN@MACHINE begins|done|failed|refused: TEXT". ID: eight hexadecimal digits,
# the same for the beginning of a command and its end. The journal has "ID LOGIN@MACHINE from ADDRESS WORD: TEXT".
# Returns when the record is on disk: this mirror may be turned off by the very command.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused: the line has another form.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"

[[ $# == 1 && $1 =~ ^[0-9a-fA-F.:]{1,45}(%[a-z0-9]{1,15})?$ ]] || usage
IFS= read -r -n 2000 line || [[ -n $line ]] || refuse "stdin is empty; expected a line \"ID LOGIN@MACHINE WORD: TEXT\""
[[ $line =~ ^([0-9a-f]{8}\ [!-~]{1,100})\ ((begins|done|failed|refused):\ [\ -~]{1,1000})$ ]] \
  || refuse "the line on stdin is no record; expected \"ID LOGIN@MACHINE begins|done|failed|refused: TEXT\""
logger --socket-errors=on --tag kvm-mirror-command --priority auth.notice \
  -- "${BASH_REMATCH[1]} from $1 ${BASH_REMATCH[2]}" || fail "the journal takes no record; the error message is above"
timeout 5 journalctl --sync || fail "the record is in the journal, which was not on disk after 5 s"
