# shellcheck shell=bash
# When this mirror compares its copies (kvm-mirror-verify.timer, verify.sh). Needs at-boot.sh and schedule.sh.

readonly verify_timer=kvm-mirror-verify.timer

# verify_scheduled: the stack file has a time for it.
verify_scheduled() { [[ -e /etc/systemd/system/$verify_timer.d/schedule.conf ]]; }

# schedule_verify CALENDAR: at that time (systemd.time(7)); empty: never. A comparison that runs goes on.
schedule_verify() { schedule "$verify_timer" "$1" kvm-mirror:verify "the copies of volumes are compared"; }
