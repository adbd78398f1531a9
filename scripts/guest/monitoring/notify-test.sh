#!/usr/bin/env bash
# notify-test.sh
#
# Sends a test message by webhook and mail, as far as this mirror is to tell people by them. As JSON on stdout, what
# became of it: [{"channel": "webhook" or "mail", "delivered", "error": null or what went wrong}]; null: it is to tell
# nobody. Changes nothing.
# Exit codes: 0 done, whatever became of it, 1 failed, 2 usage.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"

[[ $# == 0 ]] || usage
exec python3 -BEsS "$here/monitoring/lib/notify_test.py"
