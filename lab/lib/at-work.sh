# shellcheck shell=bash
# Source this: what works in a step, by its log.

# at_work LOG: one line of at most 100 characters, never an empty one. Of a log of `pulumi up` or `destroy`: the
# resources that were begun and have not ended, the latest first, and what the last of them said; components are left
# out, which last as long as their parts. Of another log: its last line.
at_work() {
  tr '\r' '\n' <"$1" | sed 's/\x1b\[[0-9;?]*[A-Za-z]//g; /^[[:space:]]*$/d; /^@ /d' \
    | awk -f "$(dirname "${BASH_SOURCE[0]}")/at-work.awk" | cut --characters 1-100
}
