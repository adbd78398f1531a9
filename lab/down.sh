#!/usr/bin/env bash
# `npm run lab:down`: removes the lab: what Pulumi made, by `pulumi destroy`; then the hosts with all that is on them;
# then the lab's files.
#   npm run lab:down -- [--fast]
#     --fast   without `pulumi destroy`: discards the hosts at once, with all that Pulumi made on them
#     --help   says this, and removes nothing
# Safe to run twice, and after a crash of anything.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
repository=$(dirname "$here")
stack=$(cat "$repository/.lab/stack" 2>/dev/null || printf lab) # a lab of an older clone has no such file
readonly here repository state="$repository/.lab" stack
# shellcheck source=lab/lib/say.sh
source "$here/lib/say.sh"
# shellcheck source=lab/lib/other-clone.sh
source "$here/lib/other-clone.sh"

fast=no
for option in "$@"; do
  case $option in
    --help | -h) usage ;;
    --fast) fast=yes ;;
    *) fail "unknown option '$option' (npm run lab:down -- --help names the options)" ;;
  esac
done
[[ $EUID -eq 0 ]] || fail "needs root, as the lab does"

remove_files() {
  [[ -e $state ]] || return 0
  # After a restart of the machine hosts.sh has nothing to end. What it made for the operator's ssh is removed here.
  if [[ -e $state/.made-ssh-directory ]]; then
    rmdir --ignore-fail-on-non-empty "$(getent passwd "$EUID" | cut -d: -f6)/.ssh"
  fi
  rm -rf --one-file-system "$state" # other mounts stay untouched
}

remaining() {
  local cache="${XDG_CACHE_HOME:-$HOME/.cache}/kvm-mirror"
  say "nothing of the lab is left but caches. They make the next start quick; delete them if you like:"
  [[ ! -d $cache ]] || du --summarize --human-readable "$cache"/* | sed 's/^/  /' >&2
}

up=$(readlink /run/kvm-mirror/kvm || true)
if [[ -n $up && $up != "$state" && ! -e $up ]]; then
  say "the clone of the lab that is up is gone ($up): ending the lab"
  bash "$here/hosts.sh" down
  up=''
elif [[ -n $up && $up != "$state" ]]; then
  make_way "$up"
  up=''
fi
if [[ -z $up ]]; then
  say "no lab is up"
  remove_files
  remaining
  exit
fi

# The steps' logs lie outside the lab's own files, which are removed.
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
  say "logs: $LOGS. Without \`pulumi destroy\`: npm run lab:down -- --fast"
  step destroy "pulumi destroy --yes --stack $stack" destroy
fi
step hosts "ending the hosts" bash "$here/hosts.sh" down
remove_files
rm -r "$LOGS"
remaining
