#!/usr/bin/env bash
# enter.sh ROOT: a machine for the scripts to work on, without a virtual one. Runs until its stdin ends.
#
# It has a network, mounts and processes of its own. The file system is an overlay over this machine's: writes land
# under ROOT. /dev holds the usual nodes and those of the loop devices. Everything that was started in it ends with it.
# Prints "ready PID"; then nsenter --target PID --mount --net --pid runs a command in it, under ROOT/merged. Needs root.
set -euo pipefail

if [[ ${2:-} != inside ]]; then
  exec unshare --mount --net --pid --fork --kill-child bash "$0" "$1" inside
fi
root=$1
repository=$(cd "$(dirname "$0")/../../.." && pwd -P)
mount --make-rprivate /
mount -t tmpfs none "$root"
mkdir "$root/upper" "$root/work" "$root/merged"
mount -t overlay none -o "lowerdir=/,upperdir=$root/upper,workdir=$root/work" "$root/merged"
cd "$root/merged"
mount -t proc none proc
mount -t sysfs none sys
mount -t tmpfs none run
mount -t tmpfs none tmp
# The scripts under test stay visible wherever the clone is: below /tmp, or on a file system of its own.
mkdir -p ".$repository"
mount --bind "$repository" ".$repository"
mount -t tmpfs none dev
cp -a /dev/{null,zero,full,random,urandom,tty,loop-control} dev/
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
for node in /dev/loop[0-9]*; do cp -a "$node" dev/; done
rm -rf etc/drbd.d etc/nbd-server etc/tgt etc/kvm-mirror var/lib/kvm-mirror
# A script under test must not see which of this machine's services are masked (lab/packages.sh).
find etc/systemd/system -maxdepth 1 -lname /dev/null -delete
mkdir -p etc/drbd.d etc/nbd-server/conf.d etc/tgt/conf.d run/drbd run/lock
printf 'version: 8.4.11 (api:1/proto:86-101)\n' >run/drbd/proc
ip link set lo up
# Read by this shell itself: /proc still shows the outer numbers.
while read -r key value _; do
  if [[ $key == NSpid: ]]; then printf 'ready %s\n' "$value"; fi
done </proc/self/status
cat >/dev/null
