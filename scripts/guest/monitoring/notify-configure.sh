#!/usr/bin/env bash
# notify-configure.sh
#
# Has this mirror tell people of trouble by itself (notify.sh): kvm-mirror-notify.service runs, now and from boot on. It
# is started anew when what it is told has changed. stdin, JSON: "stack", and "webhook" (a URL), "mail" or both
# (src/render/monitoring/notifyDocument.ts). It holds secrets: it goes into a file that root alone reads.
# Safe to run twice. Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/lib/at-boot.sh"
. "$here/monitoring/lib/notify-state.sh"

[[ $# == 0 ]] || usage
document=$(cat)
notify_document_whole <<<"$document" \
  || refuse "the document on stdin is cut short, or is none of the program's: pulumi up writes it"

take_lock notify 300
changed=no
if ! cmp -s "$notify_settings" - <<<"$document"; then
  write_durably "$notify_settings" 0600 <<<"$document"
  changed=yes
fi
start_at_boot "$notify_unit" "/etc/systemd/system/$notify_unit"
if [[ $changed == yes ]] || ! systemctl is-active --quiet "$notify_unit"; then
  make_directory "$record_dir"
  rm -f "$notify_alive"
  systemctl restart "$notify_unit" || fail "$notify_unit did not start: systemctl status $notify_unit"
fi
looks() { [[ -e $notify_alive ]]; }
wait_for 30 looks || fail "$notify_unit has not looked at DRBD within 30 s: journalctl -u $notify_unit"
say "people are told. Try it: kvm-mirror notify"
