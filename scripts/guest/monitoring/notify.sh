#!/usr/bin/env bash
# notify.sh [EVERY SETTLED AGAIN WITHIN], for kvm-mirror-notify.service
#
# Has people told, by webhook or mail (/etc/kvm-mirror/monitoring/notify.json), of what happens to the volumes of this
# mirror: one copy is left, clients stand still, writes are slow, it is Primary without its peer, all is whole again.
# docs/monitoring.md says when. It looks at /proc/drbd and at what watch-writes.sh leaves, takes no lock, asks no
# program, and starts none but to send.
#   EVERY    seconds from look to look (2)
#   SETTLED  seconds that a change lasts before anybody is told (4)
#   AGAIN    seconds after which a message that was not delivered is sent again (10)
#   WITHIN   seconds that sending may take (15)
# How delivery goes is in /run/kvm-mirror/notify, which state.sh tells. It ends when other scripts have been installed
# in place of these; systemd starts the new one.
# Exit codes: 0 it ended so, 1 failed, 2 usage.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"

[[ $# == 0 || $# == 4 ]] || usage
for number in "$@"; do [[ $number =~ ^[0-9]+(\.[0-9]+)?$ ]] || usage; done
(($# == 4)) || set -- 2 4 10 15
exec python3 -BEsS "$here/monitoring/lib/notify.py" "$0" "$@"
