#!/usr/bin/env bash
# Cleans up behind a pulumi of the lab that was killed, so that the next one can run: ends what it left running, and
# releases the lock of its stack. Nothing to do: nothing happens. Refuses while a pulumi of this lab is alive.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
readonly here operator=kvm-operator
say() { printf 'after-kill.sh: %s\n' "$*" >&2; }
state=$(bash "$here/hosts.sh" state)

# The process number of the pulumi that started this process: operator.sh puts it into the environment of every pulumi,
# and so of all that pulumi starts. Empty for a process that has just ended.
run_of() { { tr '\0' '\n' <"/proc/$1/environ" | sed -n 's/^KVM_MIRROR_PULUMI_RUN=//p'; } 2>/dev/null || true; }

for pid in $(ip netns pids "$operator"); do
  [[ $(cat "/proc/$pid/comm" 2>/dev/null) != pulumi ]] || {
    say "a pulumi of this lab is running (process $pid). Wait for it, or end it"
    exit 1
  }
done
for pid in $(ip netns pids "$operator"); do
  run=$(run_of "$pid")
  [[ -n $run && ! -e /proc/$run ]] || continue
  say "ending process $pid, which a killed pulumi left: $(tr '\0' ' ' <"/proc/$pid/cmdline" | cut --characters 1-120)"
  kill -TERM "$pid" 2>/dev/null || true
done

stack=$(cat "$state/stack" 2>/dev/null || printf lab)
locks=("$state"/pulumi/.pulumi/locks/organization/kvm-mirror/"$stack"/*.json)
if [[ -e ${locks[0]} ]]; then
  say "releasing the lock that a killed pulumi left"
  bash "$here/operator.sh" pulumi cancel --yes --stack "$stack"
fi
