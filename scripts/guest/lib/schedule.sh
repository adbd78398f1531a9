# shellcheck shell=bash
# Times at which systemd starts a unit of ours: a timer's own, or the stack file's, beside it. Needs at-boot.sh.

# schedule TIMER CALENDAR KEY WHAT: from now on at that time (systemd.time(7)); empty: never. What runs goes on.
#   KEY   of the stack file, for messages
#   WHAT  happens then, in words
schedule() {
  local timer=$1 file=/etc/systemd/system/$1.d/schedule.conf text
  if [[ -z $2 ]]; then
    [[ -e $file ]] || return 0
    not_at_boot "$timer"
    systemctl stop "$timer" || fail "$timer did not stop: systemctl status $timer"
    rm -f "$file"
    systemctl daemon-reload
    say "$4 at no set time from now on"
    return
  fi
  # An empty value forgets the unit's own.
  text=$(printf '%s\n' '# Written by pulumi up.' '[Timer]' 'OnCalendar=' "OnCalendar=$2")
  if [[ $(cat "$file" 2>/dev/null) == "$text" ]]; then return 0; fi
  systemd-analyze calendar "$2" >/dev/null 2>&1 </dev/null || refuse "systemd does not know the time '$2' ($3)"
  printf '%s\n' "$text" | write_durably "$file" 0644
  start_at_boot "$timer" "/etc/systemd/system/$timer"
  systemctl daemon-reload
  systemctl restart "$timer" || fail "$timer did not start: systemctl status $timer"
  say "$4 at $2 from now on"
}
