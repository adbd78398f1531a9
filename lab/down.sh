#!/usr/bin/env bash
# `npm run lab:down`: removes the lab: first what Pulumi made, by `pulumi
# destroy`, then the hosts with all that is on them, then its files.
#   down.sh [--fast]    without `pulumi destroy`: the hosts, and all that Pulumi made on them, are thrown away at once
# Safe to run twice, and after a crash of anything.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
repository=$(dirname "$here")
stack=$(cat "$repository/.lab/stack" 2>/dev/null || printf lab) # a lab that an older clone made has no such file
readonly here repository state="$repository/.lab" stack
say() { printf 'down.sh: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

fast=no
case ${1:-} in
  '') ;;
  --fast) fast=yes ;;
  *) fail "unknown option '$1'" ;;
esac
[[ $EUID -eq 0 ]] || fail "needs root, as the lab does"

remove_files() {
  [[ -e $state ]] || return 0
  # After a restart of the machine there is nothing for hosts.sh to end: what it made for the operator's ssh goes here.
  if [[ -e $state/.made-ssh-directory ]]; then rmdir --ignore-fail-on-non-empty "$(getent passwd "$EUID" | cut -d: -f6)/.ssh"; fi
  rm -rf --one-file-system "$state" # no mount of anybody's is walked into
}

remaining() {
  local cache="${XDG_CACHE_HOME:-$HOME/.cache}/kvm-mirror"
  say "nothing of the lab is left but caches, which the next lab starts quickly with (delete them at will):"
  [[ ! -d $cache ]] || du --summarize --human-readable "$cache"/* | sed 's/^/  /' >&2
}

up=$(readlink /run/kvm-mirror/kvm || true)
if [[ -n $up && $up != "$state" ]]; then
  [[ ! -e $up ]] || fail "the lab that is up is not of this clone: its state is in $up; run \`npm run lab:down\` there"
  say "a lab is up whose clone is gone ($up): ending it"
  bash "$here/hosts.sh" down
fi
if [[ -z $up ]]; then
  say "no lab is up"
  remove_files
  remaining
  exit
fi

# Steps write where the lab's own files, which go, are not.
LOGS=$(mktemp --directory)
readonly LOGS
# shellcheck source=lab/steps.sh
source "$here/steps.sh"

destroy() {
  local count
  bash "$here/after-kill.sh"
  if ! bash "$here/operator.sh" pulumi stack export --stack "$stack" >"$LOGS/stack.json"; then
    printf 'there is no stack %s\n' "$stack"
    return
  fi
  count=$(grep -c '"urn":' "$LOGS/stack.json" || true)
  printf 'the stack holds %d resources\n' "$count"
  if ((count)); then bash "$here/operator.sh" pulumi destroy --yes --stack "$stack" --color never --non-interactive; fi
}

if [[ $fast = no ]]; then
  say "logs of this: $LOGS (\`npm run lab:down -- --fast\` does without \`pulumi destroy\`)"
  step destroy "pulumi destroy --yes --stack $stack" destroy
fi
step hosts "ending the hosts" bash "$here/hosts.sh" down
remove_files
rm -r "$LOGS"
remaining
