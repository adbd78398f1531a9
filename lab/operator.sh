#!/usr/bin/env bash
# operator.sh [--prefix P] [--if-up] [COMMAND ARG…]     npm run lab:shell -- [COMMAND ARG…]
# Runs COMMAND (default: an interactive shell) as the operator of the lab:
#   - in its network namespace, from which the hosts' sshd can be reached and nothing else;
#   - with its ~/.ssh;
#   - with Pulumi's tools on the path and the lab's state as backend.
# The working directory stays.
#   --prefix P   the operator of hosts that were started with this prefix (default kvm: the lab)
#   --if-up      run COMMAND as it is, with a Node that is new enough, when no lab of this clone is up, or when COMMAND
#                is about another stack than the lab's (by `--stack`, else PULUMI_STACK). So one npm script serves the
#                lab and real sites
#   --help       says this, and does nothing. After COMMAND it is COMMAND's
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=lab/lib/say.sh
source "$here/lib/say.sh"

prefix=kvm if_up=no
while true; do
  case ${1:-} in
    --help | -h) usage ;;
    --prefix)
      prefix=${2:?}
      shift 2
      ;;
    --if-up)
      if_up=yes
      shift
      ;;
    -*) fail "unknown option '$1' (npm run lab:shell -- --help names the options)" ;;
    *) break ;;
  esac
done
if (($# == 0)); then
  set -- "${SHELL:-/bin/bash}"
  say "this shell sees the lab's hosts and nothing else. Leave it: exit"
fi

# The stack that COMMAND is about.
named_stack() { # COMMAND ARG…
  while (($#)); do
    case $1 in
      --stack)
        printf '%s' "${2:-}"
        return
        ;;
      --stack=*)
        printf '%s' "${1#*=}"
        return
        ;;
    esac
    shift
  done
  printf '%s' "${PULUMI_STACK:-$lab_stack}"
}

# Why there is no lab to work in, and what to do. up.sh writes that file before anything else.
no_lab() {
  if [[ -e $(dirname "$here")/.lab/stack ]]; then
    printf 'the lab of this clone has no hosts yet: npm run lab is at work, or was broken off (then repeat it)'
  else
    printf 'no lab is up (npm run lab starts it)'
  fi
}

state=$(readlink "/run/kvm-mirror/$prefix") || state=''
lab_stack=lab
if [[ -s $state/stack ]]; then lab_stack=$(<"$state/stack"); fi
if [[ $if_up = yes && ($state != "$(dirname "$here")/.lab" || $(named_stack "$@") != "$lab_stack") ]]; then
  if [[ $state != "$(dirname "$here")/.lab" && -z ${PULUMI_STACK:-} ]] \
    && [[ " $*" != *' --stack'* && " $*" != *' --help'* ]]; then
    say "$(no_lab). The stack is that of pulumi stack select"
  fi
  node_bin=$(bash "$here/../toolchain/node.sh")
  PATH="$node_bin:$PATH" exec "$@"
fi
[[ -n $state ]] || fail "$(no_lab)"
[[ $EUID -eq 0 ]] || fail "needs root: the lab's namespaces belong to root"

# shellcheck source=toolchain/env.sh
source "$here/../toolchain/env.sh"

# Without sidecar files: Pulumi writes its state whole or not at all, but not its attributes files. A torn one makes the
# state of a killed `up` unreadable.
export PULUMI_BACKEND_URL="file://$state/pulumi?metadata=skip"
# The lab's passphrase is public: its stack file holds the secret of machines that exist for an hour on one computer.
# Real stacks have a passphrase of their own.
export PULUMI_CONFIG_PASSPHRASE=lab
export KVM_MIRROR_OPERATOR=$prefix
export XDG_STATE_HOME=$state/operator-state                       # this lab's own last good inventory
if [[ -s $state/stack ]]; then export PULUMI_STACK=$lab_stack; fi # where no stack is named
repository=$(dirname "$here")
export PATH="$repository/bin:$PATH"                   # kvm-mirror
unset SSH_AUTH_SOCK PULUMI_CONFIG_PASSPHRASE_FILE     # an agent's keys would use up sshd's MaxAuthTries
[[ $1 != pulumi ]] || export KVM_MIRROR_PULUMI_RUN=$$ # by which after-kill.sh finds what a killed pulumi left
(umask 077 && mkdir -p "$state/pulumi")

# `ip netns exec` and the shell inside exec the next program. So COMMAND has the process number of this script, and
# signals reach it.
exec ip netns exec "$prefix-operator" bash "$here/host/operator.sh" "$state" "$@"
