#!/usr/bin/env bash
# exports-answer.sh VIP PORT...                  (on a KVM host)
#
# Whether servers answer at PORTs of VIP, as seen from this host, before a client is moved here. No export is opened:
# this host need not be admitted yet.
# Exit codes: 0 all answer, 2 usage, 3 one does not.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"

[[ $# -ge 2 && $1 =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}$ ]] || usage
vip=$1
shift
for port in "$@"; do [[ $port =~ ^[1-9][0-9]{0,4}$ ]] || usage; done
for port in "$@"; do
  timeout 10 bash -c "exec 3<>/dev/tcp/$vip/$port" 2>/dev/null \
    || refuse "nothing answers at $vip:$port from $(uname -n). Is the group served (kvm-mirror status), and does the" \
      "storage network reach this host?"
done
