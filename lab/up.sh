#!/usr/bin/env bash
# `npm run lab`: from a fresh clone to two simulated KVM hosts with a stack on them. Run it again at any time: it goes
# on where it stopped, reuses what is there and mends what is not.
#   npm run lab -- [--stack NAME] [--slow N] [--hosts-only]
#     --stack        which stack: lab, lab-automatic, lab-slow, lab-bench, lab-alternatives, lab-lvm, lab-zvol,
#                    lab-fifty or lab-two-groups; without it the one that the lab was made with, at first lab
#     --slow N       guests run N times slower than this machine, by their own clocks: emulated ones are then about as
#                    fast as on hardware, and time-outs that fit production can be tried (docs/slowed-time.md)
#     --hosts-only   everything but `pulumi up`
#     --help         says this, and does nothing
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
repository=$(dirname "$here")
readonly here repository state="$repository/.lab"
# shellcheck source=lab/lib/say.sh
source "$here/lib/say.sh"
# shellcheck source=lab/lib/other-clone.sh
source "$here/lib/other-clone.sh"

recorded=''
if [[ -s $state/stack ]]; then recorded=$(<"$state/stack"); fi
recorded_slow=''
if [[ -s $state/slow ]]; then recorded_slow=$(<"$state/slow"); fi
hosts_only=no stack=${recorded:-lab} slow=${recorded_slow:-1}
while (($#)); do
  case $1 in
    --help | -h) usage ;;
    --hosts-only)
      hosts_only=yes
      shift
      ;;
    --stack)
      stack=${2:-}
      shift $(($# > 1 ? 2 : 1))
      ;;
    --slow)
      slow=${2:-}
      shift $(($# > 1 ? 2 : 1))
      ;;
    *) fail "unknown option '$1' (npm run lab -- --help names the options)" ;;
  esac
done
[[ $stack =~ ^lab(-automatic|-slow|-bench|-alternatives|-lvm|-zvol|-fifty|-two-groups)?$ ]] \
  || fail "--stack is lab, lab-automatic, lab-slow, lab-bench, lab-alternatives, lab-lvm, lab-zvol," \
    "lab-fifty or lab-two-groups, not '$stack'"
[[ $slow =~ ^[1-9][0-9]?$ ]] || fail "--slow is a whole number from 1 to 99, not '$slow'"
[[ -z $recorded || $recorded = "$stack" ]] \
  || fail "this lab holds the stack $recorded. End it first, to make room for $stack: npm run lab:down"
[[ -z $recorded_slow || $recorded_slow = "$slow" ]] \
  || fail "this lab runs with --slow $recorded_slow. End it first, to change that: npm run lab:down"

[[ $EUID -eq 0 ]] || fail "needs root, to make network namespaces and bridges: sudo npm run lab"
other=$(readlink /run/kvm-mirror/kvm || true)
if [[ -n $other && $other != "$state" ]]; then
  make_way "$other"
fi

readonly LOGS="$state/log"
mkdir -p "$LOGS"
chmod 0755 "$state"
printf '%s\n' "$stack" >"$state/stack"
printf '%s\n' "$slow" >"$state/slow"
# shellcheck source=lab/steps.sh
source "$here/steps.sh"
cd "$repository"

operator() { bash "$here/operator.sh" "$@"; }

node_and_packages() {
  local bin
  bin=$(bash toolchain/node.sh)
  PATH="$bin:$PATH" bash toolchain/dependencies.sh
}

image() {
  local flavour=''
  if [[ $stack =~ ^lab-(alternatives|zvol)$ ]]; then flavour=alternatives; fi
  bash "$here/image/build.sh" $flavour >"$state/image.new"
  # Hosts that are up keep the image that they see, and their answer about KVM.
  [[ -e $state/image && -e $(cat "$state/image")/SHA256SUMS ]] || cp "$state/image.new" "$state/image"
  [[ -s $state/kvm ]] || bash "$here/kvm-works.sh" "$(cat "$state/image")/vmlinuz" >"$state/kvm"
  printf 'image: %s, kvm: %s\n' "$(cat "$state/image")" "$(cat "$state/kvm")"
}

hosts() {
  bash "$here/hosts.sh" up --state "$state" --images "$(cat "$state/image")" --kvm "$(cat "$state/kvm")" \
    --slow "$slow"
  bash "$here/proxy.sh" start "$state"
}

stack_selected() {
  bash "$here/after-kill.sh"
  operator pulumi stack select --create "$stack"
}

pulumi_up() {
  operator pulumi up --yes --stack "$stack" --color never --non-interactive
  # ssh in the operator's shell trusts the same pinned keys as the program.
  operator node "$here/known-hosts.ts" "$stack"
}

step packages "Debian packages" bash "$here/packages.sh"
begin_step image "guest image (Debian 12), and whether KVM works" image
begin_step npm "Node and npm packages" node_and_packages
begin_step toolchain "Pulumi" bash toolchain/install.sh
finish_steps
if [[ $(cat "$state/kvm") = yes ]]; then
  tell "guests run on KVM"
else
  tell "KVM does not work here: guests are emulated (TCG), which takes minutes"
fi
step hosts "two KVM hosts, kvm-a and kvm-b, and the operator's place" hosts
step stack "stack $stack" stack_selected
if [[ $hosts_only = yes ]]; then exit; fi
step pulumi-up "pulumi up --yes --stack $stack" pulumi_up
sed -n '/^Resources:/,/^Duration:/p' "$LOGS/pulumi-up.log" | sed 's/^/        /' >&2

printf '%s\n' '' 'Times:' "${step_times[@]}" "$(printf '%7s  %s' "$(clock "$SECONDS")" 'the whole')" \
  | tee "$LOGS/times.txt" >&2
printf '\n'
operator kvm-mirror status --stack "$stack" || true # it says what is not as it should be
cat <<NEXT

Next:
  npm run status               the same, live
  npm run -s inventory         what there is, as JSON
  npm run switch -- all --to mirror-b    one of the operator's commands (docs/commands.md)
  npm run lab:shell            a shell as the operator: kvm-mirror --help, pulumi preview, ssh storage@10.30.0.11, …
  npm run lab:down             ends the lab and removes it
NEXT
