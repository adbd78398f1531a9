# shellcheck shell=bash
# What a live migration that was interrupted has left of a client: QEMU with a guest that stands still. Needs say.sh,
# domain-disks.sh, monitor.sh and permits.sh.

# qemu_status DOMAIN: QEMU's own word for what a domain does (RunState of its QAPI). 1: it does not say.
qemu_status() { monitor "$1" '{"execute":"query-status"}' | sed -n 's/.*"status":"\([a-z-]*\)".*/\1/p' | grep .; }

# left_or_refuse DOMAIN KIND...: sets left to what a paused domain is; ends with 3 where that is none of the KINDs:
#   handed-over   its guest was sent to another host, and does not go on here by itself
#   coming        not all of its guest is here yet
#   waiting       all of its guest has come in, and was not let go: this host's permit is `incoming`
left_or_refuse() {
  local status
  status=$(qemu_status "$1") || fail "QEMU of $1 does not say what it does"
  case $status/$(permit_of "$1") in
    postmigrate/*) left=handed-over ;;
    inmigrate/*) left=coming ;;
    paused/incoming) left=waiting ;;
    *) left=other ;;
  esac
  [[ " ${*:2} " == *" $left "* ]] || refuse "$1 is paused on $(uname -n) ($(pause_reason "$1"); QEMU: $status), and" \
    "no live migration has left that"
}
