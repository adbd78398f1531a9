#!/usr/bin/env bash
# at-work.sh
#
# The processes of this machine as JSON on stdout, for `kvm-mirror check`, which looks for scripts whose caller is gone:
#   [{"pid", "parent", "seconds": since its start, "program": its name, "command": its words, of a script of kvm-mirror
#     alone, else null, "unit": the systemd service in which such a script runs, or null}]
# A script is told by the place of its file: the clone's scripts/operator, /usr/local/lib/kvm-mirror of a mirror, the
# folder in which on-host.sh leaves it on a KVM host. Arguments of scripts hold no secret; of another program only the
# name is printed. scripts/guest and scripts/host have the same file, but for the library that it loads.
# Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib/say.sh
. "$here/lib/say.sh"

[[ $# == 0 ]] || usage
processes=$(ps -ww -eo pid=,ppid=,etimes=,args=) || fail "ps does not list the processes; its error message is above"
# shellcheck disable=SC2016  # awk's
awk '
  BEGIN {
    place = "(scripts/operator|/kvm-mirror|/kvm-mirror-[0-9a-f]+|/kvm-mirror[.][A-Za-z0-9]+)"
    place = place "/([a-z]+/)?[a-z][a-z-]*[.]sh( |$)"
  }
  function text(words) {
    gsub(/[^ -~]|["\\]/, "?", words)
    return "\"" substr(words, 1, 400) "\""
  }
  # The last of its control groups that is a service.
  function unit_of(pid, file, line, unit) {
    file = "/proc/" pid "/cgroup"
    while ((getline line <file) > 0) if (match(line, /[^\/]+\.service$/)) unit = substr(line, RSTART, RLENGTH)
    close(file)
    return unit == "" ? "null" : text(unit)
  }
  {
    words = $0
    sub(/^ *[0-9]+ +[0-9]+ +[0-9]+ +/, "", words)
    program = words ~ /\/bin\/launch\.js( |$)/ ? "kvm-mirror" : $4
    sub(/.*\//, "", program)
    script = words ~ /^([^ ]*\/)?bash (--norc )?[^-].*\.sh( |$)/ && words ~ place
    printf "%s{\"pid\":%d,\"parent\":%d,\"seconds\":%d,\"program\":%s,\"command\":%s,\"unit\":%s}",
      (NR > 1 ? "," : "["), $1, $2, $3, text(program), script ? text(words) : "null", script ? unit_of($1) : "null"
  }
  END { print "]" }
' <<<"$processes"
