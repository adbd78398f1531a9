# shellcheck shell=bash
# When this mirror compares its copies (kvm-mirror-verify.timer, verify.sh). Needs at-boot.sh.

readonly verify_timer=kvm-mirror-verify.timer
readonly verify_dropin=/etc/systemd/system/$verify_timer.d/schedule.conf

# schedule_verify CALENDAR: at that time (systemd.time(7)); empty: never. A comparison that runs goes on.
schedule_verify() {
  local text
  if [[ -z $1 ]]; then
    [[ -e $verify_dropin ]] || return 0
    not_at_boot "$verify_timer"
    systemctl stop "$verify_timer" || fail "$verify_timer did not stop: systemctl status $verify_timer"
    rm -f "$verify_dropin"
    systemctl daemon-reload
    say "the copies of volumes are no longer compared by themselves"
    return
  fi
  # An empty value forgets the unit's own.
  text=$(printf '%s\n' '# Written by pulumi up.' '[Timer]' 'OnCalendar=' "OnCalendar=$1")
  if [[ $(cat "$verify_dropin" 2>/dev/null) == "$text" ]]; then return 0; fi
  systemd-analyze calendar "$1" >/dev/null 2>&1 </dev/null \
    || refuse "systemd does not know the time '$1' (kvm-mirror:verify)"
  printf '%s\n' "$text" | write_durably "$verify_dropin" 0644
  start_at_boot "$verify_timer" "/etc/systemd/system/$verify_timer"
  systemctl daemon-reload
  systemctl restart "$verify_timer" || fail "$verify_timer did not start: systemctl status $verify_timer"
  say "the copies of volumes are compared at $1 from now on"
}
