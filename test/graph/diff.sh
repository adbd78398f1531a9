#!/usr/bin/env bash
# diff.sh BASE
# Says, in Markdown for whoever reviews a change, what it does to the resources of each stack file: the difference of
# the golden graphs between commit BASE and the working tree. Needs no secret and reaches no host.
set -euo pipefail
cd "$(dirname "$0")/../.."

[[ $# == 1 && $1 =~ ^[0-9a-f]{40}$ ]] || {
  sed -n '2,4s/^# //p' "$0" >&2
  exit 2
}
printf '## What changes in each environment\n\n'
changes=$(git diff --no-color "$1" -- test/graph/expected stacks)
if [ -z "$changes" ]; then
  printf 'Nothing: no resource of a stack file changes.\n'
else
  # A step summary of GitHub holds 1 MiB.
  printf '~~~~diff\n%s\n~~~~\n' "$(head -c 900000 <<<"$changes")"
fi
