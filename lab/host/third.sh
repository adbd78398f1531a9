#!/usr/bin/env bash
# Process 1 of the third place, which has a vote and no mirror: corosync-qnetd and sshd. hosts.sh starts it in
# namespaces of its own, like init.sh.
# third.sh NAME STATE
#   STATE   its directory: ssh (keys of its sshd), qnetd (qnetd's certificates), log, and its /etc/hosts, passwd, group
#           and shadow
set -euo pipefail

readonly name=$1 state=$2
here=$(dirname "$(readlink -f "$0")")

# shellcheck source=lab/lib/slowed.sh
source "$here/../lib/slowed.sh"

hostname "$name"
mount --make-rprivate /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
for file in hosts passwd group shadow; do mount --bind "$state/$file" "/etc/$file"; done
mkdir -p "$state/qnetd"
chown coroqnetd:coroqnetd "$state/qnetd"
mount --bind "$state/qnetd" /etc/corosync/qnetd
exec 5>>"$state/log/qnetd.log" 6>>"$state/log/sshd.log"
mount -t tmpfs -o mode=0755,size=16m tmpfs /run
mkdir -p /run/lock /run/sshd /run/host
install -d -o coroqnetd -g coroqnetd -m 0770 /run/corosync-qnetd
cp "$here/sshd_config" "$state"/ssh/* /run/host/
[[ ! -s $state/../.slowed ]] || cp "$state/../.slowed" /run/host/
mount --bind "$state/tmp" /tmp
cd /
# The vote's time-outs, and the dates in its certificates, are those of the mirrors.
(
  guests_clock /run/host
  # libfaketime's files, by process number. What those of root have made there, another user cannot open.
  mount -t tmpfs -o mode=1777 tmpfs /dev/shm
  [[ -s /etc/corosync/qnetd/nssdb/qnetd-cacert.crt ]] || env "${clock[@]}" corosync-qnetd-certutil -i -G
  exec setpriv --reuid coroqnetd --regid coroqnetd --clear-groups env "${clock[@]}" corosync-qnetd -f
) >&5 2>&1 &
/usr/sbin/sshd -D -e -f /run/host/sshd_config 2>&6 &
# A daemon that dies stays dead, as on a machine without a supervisor; its log says why.
trap 'exit 0' TERM
sleep infinity &
wait $!
