# shellcheck shell=bash
# Asking KVM hosts whether they have let go of something. Needs mirror-ssh.sh.

# ask_host NAME URI WAY_OUT SCRIPT ARGUMENT...: 0 when the script of scripts/host says that nothing is in the way. Ends
# with 3 when something is, and also when the host cannot be asked: what ran there may still run, and write.
ask_host() {
  local name=$1 uri=$2 way_out=$3 words status=0
  shift 3
  words=$(bash "$(dirname "${BASH_SOURCE[0]}")/../on-host.sh" "$uri" "$@" 2>&1 </dev/null) || status=$?
  words=${words//$'\r'/}
  words=${words//$'\n'/; }
  case $status in
    0) return ;;
    3) say "refused: KVM host $name: ${words#*refused: }. $way_out" ;;
    *)
      say "refused: KVM host $name cannot be asked (${words:-no answer}). What ran there may still run, and write." \
        "Make the host reachable first. If it is dead, see docs/runbooks/host-died.md and run \`kvm-mirror client" \
        "<client> --to <KVM host>\`"
      ;;
  esac
  exit 3
}
