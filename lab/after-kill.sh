#!/usr/bin/env bash
# Cleans up behind a pulumi of the lab that was killed, so that the next one can go
# on: ends what it left running, and releases the lock of its stack.
# Refuses while a pulumi of this lab is alive. Does nothing when there is nothing to do.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
readonly here operator=kvm-operator
say() { printf 'after-kill.sh: %s\n' "$*" >&2; }
state=$(bash "$here/hosts.sh" state)

# operator.sh gives every pulumi that it starts, and so all that this starts, its own process number in the environment.
# a process may just have ended
run_of() { { tr '\0' '\n' <"/proc/$1/environ" | sed -n 's/^KVM_MIRROR_PULUMI_RUN=//p'; } 2>/dev/null || true; }

for pid in $(ip netns pids "$operator"); do
  [[ $(cat "/proc/$pid/comm" 2>/dev/null) != pulumi ]] || {
    say "a pulumi of this lab is at work (process $pid): wait for it, or end it"
    exit 1
  }
done
for pid in $(ip netns pids "$operator"); do
  run=$(run_of "$pid")
  [[ -n $run && ! -e /proc/$run ]] || continue
  say "ending process $pid, left by a killed pulumi: $(tr '\0' ' ' <"/proc/$pid/cmdline" | cut --characters 1-120)"
  kill -TERM "$pid" 2>/dev/null || true
done

stack=$(cat "$state/stack" 2>/dev/null || printf lab)
locks=("$state"/pulumi/.pulumi/locks/organization/kvm-mirror/"$stack"/*.json)
if [[ -e ${locks[0]} ]]; then
  say "releasing the lock that a killed pulumi left"
  bash "$here/operator.sh" pulumi cancel --yes --stack "$stack"
fi
